// Measures a PostgreSQL with ten million resources: npm run bench:large [-- --rows N]
// Fills it by SQL, then measures lists, claims under a load of POSTs, and the purge of deleted resources with autovacuum.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startAfoot } from "../../test/support/afoot-process.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import { load } from "../load/load.ts";
import { fillStatement } from "../sides/fill.ts";
import { BODY, JSON_HEADERS, makeWidget } from "../sides/widget.ts";
import { pageTimes } from "../sizes/pages.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "10000000" } } });
const rows = Number(values.rows);
if (!(Number.isInteger(rows) && rows >= 100)) throw new RangeError("--rows must be an integer of at least 100");

const APP = new URL("../app.ts", import.meta.url).pathname;
const TABLE = "afoot._resources";
const BATCH = 500_000;
/** Share of the resources that were deleted two days ago: more dead rows than autovacuum leaves alone. */
const DELETED_SHARE = 0.06;
const LOAD_SECONDS = 20;
const VACUUM_TIMEOUT_MS = 300_000;

const startedAt = performance.now();
const seconds = (): string => `${Math.round((performance.now() - startedAt) / 1000)} s`;
const log = (text: string): void => void process.stdout.write(`${seconds()}: ${text}\n`);
const count = (number: number): string => Math.round(number).toLocaleString("en");

const postgres = await startPostgres({ fsync: true });
const query = async (sql: string): Promise<number> => {
  const [row] = await postgres.query(sql);
  return Number(Object.values(row ?? {})[0]);
};
const start = (): ReturnType<typeof startAfoot> =>
  startAfoot({
    app: APP,
    flags: ["--store", postgres.url],
    environment: { AFOOT_LOG_LEVEL: "error", NODE_ENV: "production" },
  });

try {
  {
    await using server = await start();
    await makeWidget(server.origin);
    await server.stop();
  }
  await fill();
  const beforeStart = performance.now();
  await using server = await start();
  log(`the server started in ${count(performance.now() - beforeStart)} ms`);
  for (const [page, { p50Ms = 0, longestMs = 0 }] of await pageTimes(server.origin)) {
    log(`list, ${page}: median ${p50Ms.toFixed(1)} ms, longest ${longestMs.toFixed(1)} ms`);
  }
  await post(server.origin, "while deleted resources are purged");
  await purged();
  await post(server.origin, "after the purge");
  await vacuumed();
  log(await sizes());
} finally {
  await postgres.remove();
}

/** Fills the table with settled resources, of which some were deleted long ago. */
async function fill(): Promise<void> {
  const deleted = Math.round(rows * DELETED_SHARE);
  const long = "extract(epoch from now())::bigint * 1000 - 172800000";
  for (let from = 0; from < rows; from += BATCH) {
    const size = Math.min(BATCH, rows - from);
    const isDeleted = from < deleted;
    const part = isDeleted ? Math.min(size, deleted - from) : size;
    await postgres.query(
      fillStatement("postgres", TABLE, part, { from, ...(isDeleted ? { values: { deleted_at: long } } : {}) }),
    );
    if (part < size) await postgres.query(fillStatement("postgres", TABLE, size - part, { from: from + part }));
    log(`${count(from + size)} rows filled`);
  }
  await postgres.query(`vacuum analyze ${TABLE}`);
  log(await sizes());
}

/** Loads the server with POSTs, and waits until their work is done: claims must not depend on the number of rows. */
async function post(origin: string, when: string): Promise<void> {
  const request = { origin, method: "POST", paths: ["/api/widgets"], body: BODY, headers: JSON_HEADERS } as const;
  const { perSecond, p50Ms, p99Ms } = await load({ ...request, connections: 64, seconds: LOAD_SECONDS });
  const loadedAt = performance.now();
  while ((await query(`select count(*) from ${TABLE} where next_deadline_at is not null`)) > 0) await sleep(100);
  log(
    `POST ${when}: ${count(perSecond)} per second, median ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; ` +
      `the last was settled ${count(performance.now() - loadedAt)} ms after the load`,
  );
}

async function purged(): Promise<void> {
  while ((await query(`select count(*) from ${TABLE} where deleted_at is not null`)) > 0) await sleep(1000);
  log("all deleted resources are purged");
}

/** Waits until autovacuum has removed the purged rows. */
async function vacuumed(): Promise<void> {
  const dead = `select n_dead_tup from pg_stat_user_tables where relid = '${TABLE}'::regclass`;
  log(`${count(await query(dead))} dead rows`);
  const endAt = performance.now() + VACUUM_TIMEOUT_MS;
  while ((await query(dead)) > rows * DELETED_SHARE * 0.5) {
    if (performance.now() > endAt) throw new Error("autovacuum did not remove the purged rows");
    await sleep(1000);
  }
  log(`${count(await query(dead))} dead rows after autovacuum`);
}

async function sizes(): Promise<string> {
  const table = await query(`select pg_table_size('${TABLE}')`);
  const indexes = await query(`select pg_indexes_size('${TABLE}')`);
  return `table ${count(table / 2 ** 20)} MiB, indexes ${count(indexes / 2 ** 20)} MiB`;
}
