import { statSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../../test/support/postgres.ts";

/** Sizes of a store on disk. */
export interface StoreSizes {
  readonly storeMiB: number;
  readonly walMiB: number;
  /** Dead rows that autovacuum has not yet removed, in thousands. Zero for SQLite. */
  readonly deadRows: number;
}

/** The store of a run. */
export interface SoakStore {
  readonly name: string;
  /** The value of `--store`. */
  readonly url: string;
  readonly sizes: () => Promise<StoreSizes>;
  readonly stop: () => Promise<void>;
}

export const STORES = { sqlite: openSqlite, postgres: openPostgres } as const;

const MIB = 2 ** 20;

async function openSqlite(folder: string): Promise<SoakStore> {
  const path = join(folder, "afoot.db");
  const sizeOf = (name: string): number => (statSync(name, { throwIfNoEntry: false })?.size ?? 0) / MIB;
  return {
    name: "SQLite",
    url: `sqlite:${path}`,
    sizes: async () => ({ storeMiB: sizeOf(path), walMiB: sizeOf(`${path}-wal`), deadRows: 0 }),
    stop: async () => {},
  };
}

/** Starts a PostgreSQL server that waits for the disk at each commit. It runs with its default settings, so with autovacuum. */
async function openPostgres(): Promise<SoakStore> {
  const server = await startPostgres({ fsync: true });
  return {
    name: "PostgreSQL",
    url: server.url,
    async sizes() {
      const [row] = await server.query(`
        select pg_database_size(current_database()) / ${MIB}.0 as store,
          (select sum(size) from pg_ls_waldir()) / ${MIB}.0 as wal,
          (select sum(n_dead_tup) from pg_stat_user_tables where schemaname = 'afoot') / 1000.0 as dead`);
      return { storeMiB: Number(row?.["store"]), walMiB: Number(row?.["wal"]), deadRows: Number(row?.["dead"]) };
    },
    stop: () => server.remove(),
  };
}
