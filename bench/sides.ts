import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server to measure: how it is started, and what is asked of it. */
export interface Side {
  readonly name: string;
  /** What a 202 of it means for the disk. */
  readonly durability: string;
  readonly start: (port: number, folder: string) => readonly string[];
  /** Path of the collection of which GET measures a member in progress. */
  readonly slow: string;
}

export const SIDES: readonly Side[] = [
  {
    name: "raw node:http",
    durability: "none",
    start: () => [join(import.meta.dirname, "peers/raw.ts")],
    slow: "/api/widgets",
  },
  {
    name: "afoot, SQLite",
    durability: "synchronous=FULL, fsync before each 202",
    start: (port, folder) => [
      join(import.meta.dirname, "../src/cli/main.ts"),
      "start",
      join(import.meta.dirname, "app.ts"),
      "--port",
      String(port),
      "--store",
      `sqlite:${join(folder, "bench.db")}`,
    ],
    slow: "/api/slow-widgets",
  },
];

export interface Running {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

const pinnable = canPin();

/** Runs a command on one core where that can be asked for, so that server and load do not share one. */
export function onCore(core: number, argv: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const command = pinnable ? "taskset" : process.execPath;
  const pinned = pinnable ? ["-c", String(core), process.execPath] : [];
  return spawn(command, [...pinned, ...argv], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", AFOOT_LOG_LEVEL: "warn", ...environment },
  });
}

/** Starts a side on a free port and waits until it answers. */
export async function startSide(side: Side): Promise<Running> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "afoot-bench-"));
  const child = onCore(0, ["--conditions=@afoot/source", ...side.start(port, folder)], { PORT: String(port) });
  child.stdout?.resume();
  const origin = `http://127.0.0.1:${port}`;
  await answering(origin, child);
  return {
    origin,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(origin: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`the server at ${origin} ended with ${child.exitCode} before it answered`);
    }
    try {
      await fetch(`${origin}/`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function canPin(): boolean {
  try {
    execFileSync("taskset", ["-c", "0", "true"]);
    return true;
  } catch {
    return false;
  }
}
