import { readFileSync, writeFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";

/** The log that work writes, and the gate at which it waits. */
export class Ledger {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(`${folder}/ledger`, "");
  }

  /** Returns the ids of all entries of one kind, once for each entry. */
  of(what: string, isBy: (pid: number) => boolean = () => true): string[] {
    return readFileSync(`${this.#folder}/ledger`, "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([first, , pid]) => first === what && isBy(Number(pid)))
      .map(([, id = ""]) => id);
  }

  /** Resolves once there are this many entries of one kind. */
  async reaches(what: string, count: number, isBy?: (pid: number) => boolean): Promise<void> {
    await eventually(`${count} entries ${what}`, () => this.of(what, isBy).length >= count, { timeoutMs: 180_000 });
  }

  openGate(): void {
    writeFileSync(`${this.#folder}/open`, "");
  }
}

export function post(origin: string, headers: Record<string, string> = {}): Promise<JsonReply> {
  return send(`${origin}/api/walkers`, "POST", { configuration: {} }, headers);
}

/** Creates resources. Returns their paths. */
export async function makeMany(origin: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  let remaining = count;
  const make = async (): Promise<void> => {
    while (remaining-- > 0) paths.push((await post(origin)).headers.get("Location") ?? "");
  };
  await Promise.all(Array.from({ length: 20 }, make));
  return paths;
}

/** Returns the representation of a settled resource. */
async function settled(url: string): Promise<Record<string, unknown>> {
  const { body } = await eventually(
    `${url} to settle`,
    async () => {
      const response = await send(url, "GET", undefined, { Prefer: "wait=30" });
      return response.status !== 503 && !response.headers.has("Retry-After") && response;
    },
    { timeoutMs: 180_000 },
  );
  return body;
}

/** Returns the representations of all resources once settled; 50 are read at a time. */
export async function allSettled(origin: string, paths: readonly string[]): Promise<Record<string, unknown>[]> {
  const ended: Record<string, unknown>[] = [];
  const remaining = [...paths];
  const readSome = async (): Promise<void> => {
    for (let path = remaining.pop(); path !== undefined; path = remaining.pop()) {
      ended.push(await settled(origin + path));
    }
  };
  await Promise.all(Array.from({ length: 50 }, readSome));
  return ended;
}
