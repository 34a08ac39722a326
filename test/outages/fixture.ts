import { readFileSync, writeFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { type Answer, send } from "../support/exchange.ts";

/** What work has written down of itself, and the gate that it waits before. */
export class Ledger {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(`${folder}/ledger`, "");
  }

  /** The ids of which something was written, once for each time. */
  of(what: string, isBy: (pid: number) => boolean = () => true): string[] {
    return readFileSync(`${this.#folder}/ledger`, "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([first, , pid]) => first === what && isBy(Number(pid)))
      .map(([, id = ""]) => id);
  }

  /** Resolves once something was written so often. */
  async reaches(what: string, count: number, isBy?: (pid: number) => boolean): Promise<void> {
    await eventually(`${count} entries ${what}`, () => this.of(what, isBy).length >= count, { timeoutMs: 180_000 });
  }

  openGate(): void {
    writeFileSync(`${this.#folder}/open`, "");
  }
}

export function post(origin: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send(`${origin}/api/walkers`, "POST", { configuration: {} }, headers);
}

/** Makes so many, and gives their paths. */
export async function makeMany(origin: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  let left = count;
  const make = async (): Promise<void> => {
    while (left-- > 0) paths.push((await post(origin)).headers.get("Location") ?? "");
  };
  await Promise.all(Array.from({ length: 20 }, make));
  return paths;
}

/** The representation at the end. */
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

/** How each of them ended, asked for a few at a time. */
export async function allSettled(origin: string, paths: readonly string[]): Promise<Record<string, unknown>[]> {
  const ended: Record<string, unknown>[] = [];
  const left = [...paths];
  const ask = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) ended.push(await settled(origin + path));
  };
  await Promise.all(Array.from({ length: 50 }, ask));
  return ended;
}
