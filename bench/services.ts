import { type ChildProcess, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../test/support/free-port.ts";
import { natsMissing, startNats } from "../test/support/nats.ts";
import { postgresMissing, startPostgres, type PostgresServer } from "../test/support/postgres.ts";
import { restateServer } from "../test/support/restate.ts";
import { canRun, onCores, SIDE_CORES, stopProcess } from "./process.ts";

/** A separate database on the run's PostgreSQL server. */
export interface Database {
  readonly url: string;
  readonly query: PostgresServer["query"];
  readonly drop: () => Promise<void>;
}

export interface Redis {
  readonly url: string;
  /** Returns the number of completed jobs that BullMQ keeps. */
  readonly settled: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export type Need = "postgres" | "redis" | "nats" | "restate";

/** Databases and brokers that sides need. Each starts on demand and runs until the end of the benchmark. */
export class Services {
  #postgres: Promise<PostgresServer> | undefined;
  readonly #ends: (() => Promise<void>)[] = [];

  /** Returns the reason why a service is unavailable, or undefined if it is available. */
  async missing(need: Need): Promise<string | undefined> {
    const reason = await MISSING[need]();
    return reason === false ? undefined : reason;
  }

  async database(): Promise<Database> {
    const server = await this.#server();
    const name = `bench_${randomBytes(6).toString("hex")}`;
    await server.query(`create database ${name}`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const { Client } = await import("pg");
    const client = new Client({ connectionString: url.href });
    // A lost connection also rejects its queries, so the event needs no report.
    client.on("error", () => {});
    await client.connect();
    return {
      url: url.href,
      query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
      async drop() {
        await client.end();
        await server.query(`drop database ${name} with (force)`);
      },
    };
  }

  /** Reads a server setting with `show NAME`. */
  async setting(name: string): Promise<string> {
    const [row] = await (await this.#server()).query(`show ${name}`);
    return String(row === undefined ? "" : Object.values(row)[0]);
  }

  /** Starts an empty Redis that syncs each write before it responds. */
  async redis(): Promise<Redis> {
    const folder = mkdtempSync(join(tmpdir(), "afoot-redis-"));
    const port = await freePort();
    const child = onCores(SIDE_CORES, [
      "redis-server",
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
      ...["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"],
    ]);
    await untilOutput(child, /Ready to accept connections/);
    return {
      url: `redis://127.0.0.1:${port}`,
      async settled() {
        const argv = ["-p", String(port), "zcard", "bull:make:completed"];
        return Number(execFileSync("redis-cli", argv, { encoding: "utf8" }));
      },
      async stop() {
        await stopProcess(child);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }

  /** Starts an empty nats-server with JetStream. */
  async nats(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
    const server = await startNats();
    return { url: server.url, stop: async () => server[Symbol.asyncDispose]() };
  }

  async close(): Promise<void> {
    for (const close of this.#ends.toReversed()) await close();
  }

  async #server(): Promise<PostgresServer> {
    this.#postgres ??= startPostgres({ fsync: true });
    const server = await this.#postgres;
    if (this.#ends.length === 0) this.#ends.push(async () => server.remove());
    return server;
  }
}

const MISSING: Readonly<Record<Need, () => Promise<string | false>>> = {
  postgres: postgresMissing,
  nats: async () => natsMissing(),
  restate: async () => ((await restateMissing()) ? "npm has no Restate server for this platform" : false),
  redis: async () => (canRun("redis-server", ["--version"]) ? false : "redis-server is not on the PATH"),
};

async function untilOutput(child: ChildProcess, ready: RegExp): Promise<void> {
  if (child.stdout === null) throw new Error("the process has no standard output");
  const lines = createInterface({ input: child.stdout });
  const isReady = Promise.withResolvers<void>();
  child.once("exit", (code) => isReady.reject(new Error(`the process ended with ${code} before it was ready`)));
  lines.on("line", (line) => {
    if (ready.test(line)) isReady.resolve();
  });
  await isReady.promise;
}

async function restateMissing(): Promise<boolean> {
  try {
    await (await restateServer())[Symbol.asyncDispose]();
    return false;
  } catch {
    return true;
  }
}
