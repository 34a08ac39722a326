import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SignJWT } from "jose";

export const ROOT = join(import.meta.dirname, "../../..");
const KEY = "a key of a test, which has more than 32 bytes";

/** Creates the Authorization header of a user. */
export async function tokenOf(user: string, tenant: string, key = KEY): Promise<Record<string, string>> {
  const unsigned = new SignJWT({ tenant })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime("1h");
  return { Authorization: `Bearer ${await unsigned.sign(new TextEncoder().encode(key))}` };
}

/** A process of the application, on a free port. */
export interface ShopProcess extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
  /** Sends SIGTERM. Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface ShopOptions {
  readonly databaseUrl: string;
  /** Duration of an export. */
  readonly pagesMs?: number;
  /** Key of the tokens; undefined for the one of the example. */
  readonly key?: string | undefined;
}

/** Starts the application and waits until it serves. */
export async function startShop({ databaseUrl, pagesMs = 1000, ...options }: ShopOptions): Promise<ShopProcess> {
  const key = "key" in options ? options.key : KEY;
  const child = spawn(process.execPath, ["--conditions=@afoot/source", join(ROOT, "examples/existing-app/server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: "0",
      PAGES_MS: String(pagesMs),
      ...(key === undefined ? {} : { JWT_SECRET: key }),
    },
  });
  const ended = once(child, "exit").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  const origin = await Promise.race([
    originOf(child),
    ended.then((code) => {
      throw new Error(`the application ended with ${code} before it served`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    origin,
    pid: child.pid ?? 0,
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

async function originOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the process has no standard output");
  for await (const line of createInterface({ input: stdout })) {
    const origin = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (origin === undefined) continue;
    stdout.resume();
    return origin;
  }
  return new Promise(() => {});
}
