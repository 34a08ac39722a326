import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { startPgBouncer } from "../../support/pgbouncer.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { anyOf, random } from "../../support/random.ts";
import { checkBooks } from "./books.ts";
import { openShop, type ShopSettings, shopTables } from "./shop.ts";
import type { Outcome, TransactionPlan } from "./transaction-plan.ts";

export interface RunOptions {
  readonly transactions: number;
  /** Kills of processes, and as many terminated sessions of the database. */
  readonly kills: number;
  readonly version: 15 | 18;
  /** True to reach the database through PgBouncer in transaction mode. */
  readonly isPooled: boolean;
}

export interface RunReport {
  readonly transactions: number;
  /** Transactions whose business row and resource agree with each other, and with the reported end. */
  readonly agreeing: number;
  readonly outcomes: Readonly<Record<Outcome | "unknown", number>>;
  readonly kills: number;
  readonly terminated: number;
  /** Resources whose work was done. */
  readonly delivered: number;
  readonly faults: readonly string[];
}

const PROCESSES = 2;
const CONCURRENCY = 4;

/** Runs transactions in processes that are killed, over sessions that are terminated, and checks the books at the end. */
export async function transactionsRun(options: RunOptions): Promise<RunReport> {
  const server = await startPostgres({ version: options.version });
  try {
    await using pooler = options.isPooled ? await startPgBouncer(server.url, "transaction") : undefined;
    const schema = server.schema();
    await server.query(shopTables({ schema }));
    return await runOver(server, { url: pooler?.url ?? server.url, listenUrl: server.url, schema }, options);
  } finally {
    await server.remove();
  }
}

async function runOver(server: PostgresServer, settings: ShopSettings, options: RunOptions): Promise<RunReport> {
  const plans = plansOf(options.transactions);
  const outcomes = new Map<number, Outcome>();
  const harms = { kills: 0, terminated: 0 };
  const queue = [...plans];
  const harmEvery = Math.max(1, Math.floor(plans.length / (options.kills * 2)));

  const fleet = Array.from({ length: PROCESSES }, async () => {
    while (queue.length > 0) {
      const child = await startProcess(settings);
      const killed = Promise.withResolvers<void>();
      child.once("exit", () => killed.resolve());
      const harm = async (): Promise<void> => {
        if (harms.kills <= harms.terminated && harms.kills < options.kills) {
          harms.kills++;
          child.kill("SIGKILL");
        } else if (harms.terminated < options.kills) {
          harms.terminated += await terminateSession(server);
        }
      };
      const clients = Array.from({ length: CONCURRENCY }, async () => {
        for (let plan = queue.shift(); plan !== undefined; plan = queue.shift()) {
          const ended = request(child, plan, outcomes, killed.promise);
          if (plan.n % harmEvery === 0) await harm();
          await ended;
          if (child.exitCode !== null || child.signalCode !== null) return;
        }
      });
      await Promise.all(clients);
      child.kill("SIGKILL");
      await killed.promise;
    }
  });
  await Promise.all(fleet);
  // The sessions of the killed processes roll back on their own.
  await eventually("the open transactions to end", async () => {
    const open = await server.query(
      "select from pg_stat_activity where application_name = 'shop' and xact_start is not null",
    );
    return open.length === 0;
  });
  const faults = await finish(server, settings);
  const books = await checkBooks({ server, schema: settings.schema, plans, outcomes });
  const counts = { committed: 0, "rolled back": 0, failed: 0, unknown: 0 };
  for (const { n } of plans) counts[outcomes.get(n) ?? "unknown"]++;
  return { transactions: plans.length, ...harms, ...books, outcomes: counts, faults: [...faults, ...books.faults] };
}

/** The kinds of transactions, some more frequent than others. */
const KINDS: readonly TransactionPlan["kind"][] = [
  "create",
  "create",
  "create",
  "delete",
  "roll back",
  "roll back to a savepoint",
  "abandon",
];

function plansOf(count: number): readonly TransactionPlan[] {
  return Array.from({ length: count }, (_, n) => ({
    n,
    kind: anyOf(KINDS),
    target: Math.floor(random() * n),
  }));
}

async function startProcess({ url, listenUrl, schema }: ShopSettings): Promise<ChildProcess> {
  const env = { ...process.env, SHOP_URL: url, SHOP_LISTEN_URL: listenUrl, SHOP_SCHEMA: schema };
  const execArgv = ["--conditions=@afoot/source"];
  const child = fork(join(import.meta.dirname, "shop-process.ts"), { env, execArgv });
  child.setMaxListeners(100);
  const ready = once(child, "message");
  const ended = once(child, "exit").then(() => {
    throw new Error("a process of the shop ended before it was ready");
  });
  ended.catch(() => {});
  await Promise.race([ready, ended]);
  return child;
}

/** Sends a plan to a process. Resolves once it has replied, or is killed. */
async function request(
  child: ChildProcess,
  plan: TransactionPlan,
  outcomes: Map<number, Outcome>,
  killed: Promise<void>,
): Promise<void> {
  const replied = Promise.withResolvers<void>();
  const onMessage = ({ n, outcome }: { readonly n: number; readonly outcome: Outcome }): void => {
    if (n !== plan.n) return;
    outcomes.set(n, outcome);
    replied.resolve();
  };
  child.on("message", onMessage);
  child.send(plan, () => {});
  await Promise.race([replied.promise, killed]);
  child.off("message", onMessage);
}

/** Ends one session of the shop in the database. Returns 1 if there was one. */
async function terminateSession(server: PostgresServer): Promise<number> {
  const ended = await server.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'shop' and query not like '%pg_stat_activity%' order by xact_start is null, random() limit 1`,
  );
  return ended.length;
}

/** Lets all remaining work end. */
async function finish(server: PostgresServer, settings: ShopSettings): Promise<readonly string[]> {
  // One more node, whose work waits for the leases of the killed ones.
  await using shop = await openShop(settings);
  await eventually("all work to end", async () => {
    const { rows } = await shop.pool.query(`select from ${settings.schema}.delivery where in_progress limit 1`);
    return rows.length === 0;
  });
  const early = await server.query(`select n from ${settings.schema}.works where not is_ordered`);
  return early.map(({ n }) => `the work of ${String(n)} began without its order`);
}
