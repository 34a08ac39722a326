import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "./free-port.ts";

/** A real Redis server with a folder and a port of its own, which syncs each write to disk. It is not started yet. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** Sends SIGKILL. `start` starts it again with all that it has stored. */
  readonly kill: () => Promise<void>;
}

export async function redisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "afoot-redis-"));
  const port = await freePort();
  const flags = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--appendonly", "yes"];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async start() {
      child = spawn("redis-server", [...flags, "--appendfsync", "always", "--save", ""], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      if (child.stdout === null) throw new Error("the process has no standard output");
      const failed = once(child, "error").then(([error]: unknown[]) => {
        throw error;
      });
      await Promise.race([isReady(child.stdout), failed]);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(output: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    if (!line.includes("Ready to accept connections")) continue;
    output.resume();
    return;
  }
  throw new Error("redis-server ended before it was ready");
}
