import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fillStatement } from "./fill.ts";
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
  dbos: "Fastify + DBOS Transact",
} as const;

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
    prepare: async ({ folder, port }) => prepareSqlite(folder, port),
  },
  {
    name: OURS.postgres,
    durability: POSTGRES,
    needs: ["postgres"],
    isDurable: true,
    async prepare({ services, port }) {
      const database = await services.database();
      return {
        database,
        processes: [{ argv: [...COMMAND, "--port", String(port), "--store", database.url] }],
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
    async prepare({ services, port }) {
      const [database, nats] = await Promise.all([services.database(), services.nats()]);
      const argv = [...COMMAND, "--store", database.url, "--broker", nats.url];
      return {
        processes: [
          { argv: [...argv, "--role", "server", "--port", String(port)] },
          { argv: [...argv, "--role", "worker"] },
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
    async prepare({ folder }) {
      const path = join(folder, "peer.db");
      return {
        processes: [{ argv: [join(BENCH, "peers/sqlite.ts")], env: { DATABASE: path } }],
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
    async prepare({ services }) {
      const [database, redis] = await Promise.all([services.database(), services.redis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
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
  onPostgres(PEERS.dbos, "dbos.ts"),
];

/** Returns a hand-built side that needs only PostgreSQL. */
function onPostgres(name: string, file: string): Side {
  return {
    name,
    durability: POSTGRES,
    needs: ["peers", "postgres"],
    isDurable: true,
    async prepare({ services }) {
      const database = await services.database();
      return {
        processes: [{ argv: [join(BENCH, "peers", file)], env: { DATABASE_URL: database.url } }],
        completed: async () => countOf(await database.query(READY)),
        release: database.drop,
      };
    },
  };
}

function prepareSqlite(folder: string, port: number): PreparedSide {
  const path = join(folder, "bench.db");
  return {
    processes: [{ argv: [...COMMAND, "--port", String(port), "--store", `sqlite:${path}`] }],
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
