import type { Bench } from "../bench.ts";
import type { Measure, Round } from "../measure.ts";
import type { Database } from "../services.ts";
import { openSide, type Side } from "../sides/side.ts";
import { runLifecycles } from "./lifecycles.ts";

const WARM_UP = 200;

/**
 * Counts the WAL bytes, commits and updated rows of PostgreSQL per lifecycle, in total and by table. Full-page images are
 * off meanwhile, because their number depends on the time of the last checkpoint.
 */
export async function postgresCosts(
  side: Side,
  { services, options, log }: Bench,
  connections: readonly number[],
): Promise<readonly Measure[]> {
  const count = options.quick ? 300 : 2000;
  const totals: Record<string, Round[]> = {};
  const tables: Record<string, Round[]> = {};
  for (const number of connections) {
    const level = `${side.name}, ${number} at a time`;
    log(`costs: ${level}`);
    const opened = await openSide(side, services);
    const { database } = opened;
    if (database === undefined) throw new RangeError(`${side.name} has no PostgreSQL database`);
    try {
      await database.query("alter system set full_page_writes = off");
      await database.query("select pg_reload_conf()");
      await inOneRun(opened, async (running) => runLifecycles(running, WARM_UP, number));
      const before = await counts(database);
      await inOneRun(opened, async (running) => runLifecycles(running, count, number));
      const { total, byTable } = difference(await counts(database), before, count);
      totals[level] = [total];
      for (const [name, round] of Object.entries(byTable)) tables[`${name}, ${number} at a time`] = [round];
    } finally {
      await database.query("alter system reset full_page_writes");
      await database.query("select pg_reload_conf()");
      await opened.release();
    }
  }
  return [
    {
      name: "PostgreSQL: WAL and updates per lifecycle",
      compared: "walBytes",
      unit: "bytes",
      sides: totals,
      goals: [],
    },
    { name: "PostgreSQL: rows per lifecycle by table", compared: "updates", unit: "rows", sides: tables, goals: [] },
  ];
}

/** Backends report their counts at the latest when they end. */
async function inOneRun(
  opened: Awaited<ReturnType<typeof openSide>>,
  run: (running: Awaited<ReturnType<typeof opened.start>>) => Promise<void>,
): Promise<void> {
  const running = await opened.start();
  try {
    await run(running);
  } finally {
    await running.stop();
  }
}

interface Counts {
  readonly wal: Round;
  readonly tables: Readonly<Record<string, Round>>;
}

async function counts(database: Database): Promise<Counts> {
  await database.query("select pg_stat_force_next_flush()");
  const [wal = {}] = await database.query(`
    select wal_bytes::float8 as "walBytes", wal_records::float8 as "walRecords",
      (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits
    from pg_stat_wal`);
  const tables = await database.query(`
    select relname as name, n_tup_ins::float8 as inserts, n_tup_upd::float8 as updates, n_tup_hot_upd::float8 as hot,
      n_tup_del::float8 as deletes
    from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0`);
  return {
    wal: numbers(wal),
    tables: Object.fromEntries(tables.map(({ name, ...row }) => [String(name), numbers(row)])),
  };
}

function numbers(row: Readonly<Record<string, unknown>>): Round {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

function difference(
  after: Counts,
  before: Counts,
  count: number,
): { readonly total: Round; readonly byTable: Readonly<Record<string, Round>> } {
  const minus = (round: Round, previous: Round = {}): Round =>
    Object.fromEntries(Object.entries(round).map(([name, value]) => [name, (value - (previous[name] ?? 0)) / count]));
  const rows: Record<string, Round> = {};
  const total: Record<string, number> = { ...minus(after.wal, before.wal), inserts: 0, updates: 0, hot: 0, deletes: 0 };
  for (const [name, round] of Object.entries(after.tables)) {
    const { inserts = 0, updates = 0, hot = 0, deletes = 0 } = minus(round, before.tables[name]);
    if (inserts + updates + deletes < 0.01) continue;
    rows[name] = { updates, hotPercent: updates === 0 ? NaN : (hot / updates) * 100, inserts, deletes };
    for (const [key, value] of Object.entries({ inserts, updates, hot, deletes })) {
      total[key] = (total[key] ?? 0) + value;
    }
  }
  const { hot = 0, updates = 0, ...others } = total;
  return { total: { ...others, updates, hotPercent: updates === 0 ? NaN : (hot / updates) * 100 }, byTable: rows };
}
