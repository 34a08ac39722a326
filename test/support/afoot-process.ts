import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

export interface AfootProcessOptions {
  /** Path of the app file. */
  readonly app: string;
  /**
   * Folder of a SQLite store and of files of examples. Pass the same one to a process that continues after another was killed. Without
   * it, `flags` name the store.
   */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Working directory of the process. @default that of this process */
  readonly cwd?: string;
}

/** A process of `afoot start`, on a free port. */
export interface AfootProcess extends AsyncDisposable {
  /** Origin of its API; empty for a process without a server. */
  readonly origin: string;
  readonly pid: number;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Sends SIGKILL: the process flushes nothing. */
  readonly kill: () => Promise<void>;
  /** Sends SIGTERM. Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Resolves to the exit code once the process has ended. */
  readonly ended: Promise<number | null>;
  /** Returns its standard error so far. */
  readonly log: () => string;
}

/** Starts the process and waits until it prints its address. */
export async function startAfoot({
  app,
  folder,
  environment = {},
  flags = [],
  cwd,
}: AfootProcessOptions): Promise<AfootProcess> {
  const store = folder === undefined ? [] : ["--store", `sqlite:${join(folder, "afoot.db")}`];
  const argv = ["--conditions=@afoot/source", MAIN, "start", app, "--port", "0", ...store, ...flags];
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd,
    env: { ...process.env, ...(folder === undefined ? {} : { AFOOT_DEMO_DATA: folder }), ...environment },
  });
  const ended = once(child, "exit").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const origin = await Promise.race([
    originOf(child),
    ended.then((code) => {
      throw new Error(`afoot start ended with ${code} before it served:\n${log}`);
    }),
  ]);
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    origin,
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    ended,
    log: () => log,
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

async function originOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the process has no standard output");
  for await (const line of createInterface({ input: child.stdout })) {
    const found = line.startsWith("Afoot worker") ? "" : /(http:\/\/[^/\s]+)\//.exec(line)?.[1];
    if (found === undefined) continue;
    child.stdout.resume();
    return found;
  }
  return new Promise(() => {});
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "afoot-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
