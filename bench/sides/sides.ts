import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fillStatement } from "./fill.ts";
import { restateSide } from "./restate.ts";
import type { PreparedSide, Side } from "./side.ts";

const BENCH = join(import.meta.dirname, "..");
/** Runs the built package, as users do. */
const COMMAND = [join(BENCH, "../dist/main.js"), "start", join(BENCH, "app.ts")];

const SQLITE = "SQLite in WAL mode, synchronous=FULL: fsync before each 202";
const POSTGRES = "PostgreSQL with fsync=on and synchronous_commit=on: fsync before each 202";

export const RAW = "raw node:http";
export const OURS = {
  sqlite: "afoot, SQLite",
  postgres: "afoot, PostgreSQL",
  nats: "afoot, PostgreSQL + NATS",
} as const;
export const PEERS = {
  sqlite: "Fastify + node:sqlite",
  graphile: "Fastify + pg + graphile-worker",
  bullmq: "Fastify + BullMQ + pg",
  bullmqAlone: "Fastify + BullMQ",
  pgBoss: "Fastify + pg-boss",
  restate: "Fastify + Restate",
  dbos: "Fastify + DBOS Transact",
} as const;

/** All sides by others that store resources and run their work. */
export const DURABLE_PEERS: readonly string[] = Object.values(PEERS);

/** Flags of a process of Afoot that only accepts. */
const ONLY_SERVER = ["--role", "server"];

export const SIDES: readonly Side[] = [
  {
    name: RAW,
    durability: "none: it keeps nothing",
    needs: [],
    isDurable: false,
    prepare: async () => ({
      processes: [{ argv: [join(BENCH, "peers/raw.ts")] }],
      completed: async () => 0,
      release: async () => {},
    }),
  },
  {
    name: OURS.sqlite,
    durability: SQLITE,
    needs: [],
    isDurable: true,
    prepare: async ({ folder, port, workers }) => prepareSqlite(folder, port, workers),
  },
  {
    name: OURS.postgres,
    durability: POSTGRES,
    needs: ["postgres"],
    isDurable: true,
    async prepare({ services, port, workers }) {
      const database = await services.database();
      const role = workers ? [] : ONLY_SERVER;
      return {
        database,
        processes: [{ argv: [...COMMAND, "--port", String(port), "--store", database.url, ...role] }],
        completed: async () => countOf(await database.query(SETTLED_POSTGRES)),
        async fill(count) {
          await database.query(fillStatement("postgres", "afoot._resources", count));
          await database.query("vacuum analyze afoot._resources");
        },
        release: database.drop,
      };
    },
  },
  {
    name: OURS.nats,
    durability: `${POSTGRES}; NATS carries messages that are repeated until they are answered`,
    needs: ["postgres", "nats"],
    isDurable: true,
    async prepare({ services, port, workers }) {
      const [database, nats] = await Promise.all([services.database(), services.nats()]);
      const argv = [...COMMAND, "--store", database.url, "--broker", nats.url];
      return {
        processes: [
          { argv: [...argv, ...ONLY_SERVER, "--port", String(port)] },
          ...(workers ? [{ argv: [...argv, "--role", "worker"] }] : []),
        ],
        completed: async () => countOf(await database.query(SETTLED_POSTGRES)),
        async release() {
          await nats.stop();
          await database.drop();
        },
      };
    },
  },
  {
    name: PEERS.sqlite,
    durability: SQLITE,
    needs: ["peers"],
    isDurable: true,
    async prepare({ folder, workers }) {
      const path = join(folder, "peer.db");
      return {
        processes: [{ argv: [join(BENCH, "peers/sqlite.ts")], env: { DATABASE: path, ...workersOf(workers) } }],
        completed: async () => countIn(path, READY),
        release: async () => {},
      };
    },
  },
  onPostgres(PEERS.graphile, "graphile.ts"),
  {
    name: PEERS.bullmq,
    durability: `${POSTGRES}, then Redis with appendfsync=always; a crash in between loses the work`,
    needs: ["peers", "postgres", "redis"],
    isDurable: true,
    async prepare({ services, workers }) {
      const [database, redis] = await Promise.all([services.database(), services.redis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, ...workersOf(workers) };
      return {
        processes: [{ argv: [join(BENCH, "peers/bullmq.ts")], env }],
        completed: async () => countOf(await database.query(READY)),
        async release() {
          await redis.stop();
          await database.drop();
        },
      };
    },
  },
  {
    name: PEERS.bullmqAlone,
    durability: "Redis with appendfsync=always; the job is the resource, and no database keeps it",
    needs: ["peers", "redis"],
    isDurable: true,
    async prepare({ services, workers }) {
      const redis = await services.redis();
      const env = { REDIS_URL: redis.url, ...workersOf(workers) };
      return {
        processes: [{ argv: [join(BENCH, "peers/bullmq-alone.ts")], env }],
        completed: async () => redis.settled(),
        release: redis.stop,
      };
    },
  },
  onPostgres(PEERS.pgBoss, "pg-boss.ts"),
  onPostgres(PEERS.dbos, "dbos.ts"),
  restateSide(PEERS.restate),
];

/** Returns a hand-built side that needs only PostgreSQL. */
function onPostgres(name: string, file: string): Side {
  return {
    name,
    durability: POSTGRES,
    needs: ["peers", "postgres"],
    isDurable: true,
    async prepare({ services, workers }) {
      const database = await services.database();
      const env = { DATABASE_URL: database.url, ...workersOf(workers) };
      return {
        processes: [{ argv: [join(BENCH, "peers", file)], env }],
        completed: async () => countOf(await database.query(READY)),
        release: database.drop,
      };
    },
  };
}

function workersOf(workers: boolean): Readonly<Record<string, string>> {
  return workers ? {} : { WORKERS: "off" };
}

function prepareSqlite(folder: string, port: number, workers: boolean): PreparedSide {
  const path = join(folder, "bench.db");
  return {
    processes: [
      { argv: [...COMMAND, "--port", String(port), "--store", `sqlite:${path}`, ...(workers ? [] : ONLY_SERVER)] },
    ],
    completed: async () => countIn(path, "select count(*) as count from resources where settled_at is not null"),
    async fill(count) {
      using database = new DatabaseSync(path);
      database.exec(fillStatement("sqlite", "resources", count));
      database.exec("pragma wal_checkpoint(truncate)");
    },
    release: async () => {},
  };
}

const READY = "select count(*) as count from widgets where status = 'Ready'";
const SETTLED_POSTGRES = "select count(*) as count from afoot._resources where settled_at is not null";

function countIn(path: string, sql: string): number {
  using database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  return countOf([database.prepare(sql).get() ?? {}]);
}

function countOf([row]: readonly Record<string, unknown>[]): number {
  return Number(row?.["count"] ?? 0);
}
