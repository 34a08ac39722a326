import { Pool, type PoolClient, type PoolConfig } from "pg";
import type { RowValues } from "../../values.ts";
import type { Settings } from "./options.ts";
import { PostgresError } from "./postgres-error.ts";
import { createRetry, type RetryOptions } from "./retry.ts";
import type { Statement } from "./statement.ts";

export type Parameter = string | number | null;

/** Runs statements on one connection. Those of the same turn of the event loop go out together, and are answered in their order. */
export interface Session {
  run(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly RowValues[]>;
}

/** A session within a transaction, which its user commits together with the last statements. */
export interface Transaction extends Session {
  /** @param isDurable false for what may be forgotten when the database crashes: then nothing waits for its disk */
  commit(isDurable?: boolean): Promise<void>;
}

/** The connections of a store. What fails for the way to the database, or for another transaction, is repeated. */
export interface Connections {
  /** @throws Fault where the database would not; whatever `use` throws. Either way nothing of the last try is stored, unless the fault is `lost` */
  transaction<Result>(use: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Runs one statement by itself. */
  run(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly RowValues[]>;
  /** Runs one statement that writes, by itself, as durable as a transaction. Nothing is repeated. @throws Fault */
  runOnce(statement: Statement, parameters: readonly Parameter[]): Promise<void>;
  close(): Promise<void>;
}

/** The types that statements give, by their oids. Instants and counts are bigint, which a number holds. */
const NUMBERS = new Set([20, 21, 23, 701]);
const BOOLEAN = 16;

function parserOf(type: number): (value: string) => unknown {
  if (NUMBERS.has(type)) return Number;
  return type === BOOLEAN ? (value) => value === "t" : String;
}

/** The configuration of a connection of this store. */
export function connectionConfig({ url, tls, connectTimeoutMs, applicationName }: Settings): PoolConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: applicationName,
    keepAlive: true,
    types: { getTypeParser: parserOf },
    ...(tls === undefined ? {} : { ssl: tls }),
  };
}

export function openConnections(settings: Settings, repeat: RetryOptions): Connections {
  const { maxConnections, statementTimeoutMs, transactionPooler } = settings;
  const pool = new Pool({
    ...connectionConfig(settings),
    max: maxConnections,
    idleTimeoutMillis: IDLE_CONNECTION_TTL_MS,
    pipeline: true,
    // The database ends a statement first; this is for a network that has gone silent.
    query_timeout: statementTimeoutMs * 1.5,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, which its types do not say
    onConnect: async (client) => {
      client.on("error", ignore);
      if (!transactionPooler) await client.query(sessionSettings(settings, "set"));
    },
  });
  // An idle connection that breaks is gone from the pool; the next statement opens another.
  pool.on("error", ignore);
  const begin = `begin isolation level read committed read write${transactionPooler ? `; ${sessionSettings(settings, "set local")}` : ""}`;
  const retry = createRetry(repeat);

  const withClient = async <Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect().catch(rethrow);
    let isBroken = true;
    try {
      const result = await use(client);
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = !(await isUsable(client, error));
      throw error;
    } finally {
      client.release(isBroken);
    }
  };
  const inTransaction = <Result>(use: (transaction: Transaction) => Promise<Result>): Promise<Result> =>
    withClient((client) => runWithin(client, sessionOf(client, transactionPooler), begin, use));
  return {
    transaction: (use) => retry(() => inTransaction(use)),
    async runOnce(statement, parameters) {
      // What a session behind a pooler is set to ends with a transaction.
      await (transactionPooler
        ? inTransaction((each) => Promise.all([each.run(statement, parameters), each.commit()]))
        : withClient((client) => sessionOf(client, false).run(statement, parameters)));
    },
    run: (statement, parameters) =>
      retry(() =>
        withClient((client) => runAlone(sessionOf(client, transactionPooler), client, statement, parameters)),
      ),
    close: () => pool.end(),
  };
}

async function runWithin<Result>(
  client: PoolClient,
  session: Session,
  begin: string,
  use: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const withFirstError = createFirstError();
  const command = (sql: string): Promise<void> => handled(withFirstError(commandOn(client, sql)));
  const begun = command(begin);
  let isBegun = true;
  begun.catch(() => {
    isBegun = false;
  });
  const used = use({
    // Outside a transaction each statement would be one of its own.
    run: (statement, parameters) =>
      handled(isBegun ? withFirstError(session.run(statement, parameters)) : begun.then(() => [])),
    commit: (isDurable = true) => command(isDurable ? "commit" : "set local synchronous_commit = off; commit"),
  });
  const [result] = await Promise.all([used, begun]);
  return result;
}

async function runOn(
  client: PoolClient,
  { name, text }: Statement,
  values: readonly Parameter[],
  unnamed: boolean,
): Promise<readonly RowValues[]> {
  const query = { text, values: [...values], rowMode: "array" as const };
  corkUntilNextTick(client);
  const { rows } = await client.query<RowValues[]>(unnamed ? query : { ...query, name }).catch(rethrow);
  return rows;
}

function sessionOf(client: PoolClient, unnamed: boolean): Session {
  return {
    run(statement, parameters = []) {
      if (statement.isPlannedByValues === true) void handled(commandOn(client, "set local plan_cache_mode = auto"));
      return handled(runOn(client, statement, parameters, unnamed));
    },
  };
}

/** Runs one statement by itself; where that needs a setting, in a transaction with which the setting goes. */
async function runAlone(
  session: Session,
  client: PoolClient,
  statement: Statement,
  parameters: readonly Parameter[] | undefined,
): Promise<readonly RowValues[]> {
  if (statement.isPlannedByValues !== true) return session.run(statement, parameters);
  const begun = commandOn(client, "begin isolation level read committed read only");
  const [rows] = await Promise.all([session.run(statement, parameters), begun, commandOn(client, "commit")]);
  return rows;
}

/** Lets what is sent in this turn of the event loop leave in one piece. */
function corkUntilNextTick({ connection: { stream } }: PoolClient): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

async function commandOn(client: PoolClient, sql: string): Promise<void> {
  corkUntilNextTick(client);
  await client.query(sql).catch(rethrow);
}

/** After the first failure of a transaction all that was sent with it fails too, and says nothing of why: each throws the first. */
function createFirstError(): <Result>(answer: Promise<Result>) => Promise<Result> {
  let first: unknown;
  return async (answer) => {
    try {
      return await answer;
    } catch (error) {
      first ??= error;
      throw first;
    }
  };
}

/** Of statements that go out together, those that fail after the first are awaited by nobody. */
function handled<Result>(answer: Promise<Result>): Promise<Result> {
  answer.catch(ignore);
  return answer;
}

/** Ends the transaction of a connection that can go on. Waits so for everything that was sent before. */
async function isUsable(client: PoolClient, error: unknown): Promise<boolean> {
  if (error instanceof PostgresError && error.kind === "lost") return false;
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}

/** No transaction waits for anything but its statements: one that is idle is of a process that stands still, and holds up the others. */
const IDLE_TRANSACTION_TIMEOUT_MS = 2000;

/** Connections are kept over lulls: to open one takes longer than most of what it is for. */
const IDLE_CONNECTION_TTL_MS = 60_000;

/**
 * What every session needs, whatever the database's own settings: commits that are durable; statements and forgotten transactions
 * that end; and plans by index, made once. A plan is kept for a prepared statement, and must not be that of the empty table it was
 * made on; to plan one anew each time takes longer than to run it.
 */
function sessionSettings({ statementTimeoutMs }: Settings, set: "set" | "set local"): string {
  const settings = [
    `statement_timeout = ${statementTimeoutMs}`,
    `idle_in_transaction_session_timeout = ${Math.min(IDLE_TRANSACTION_TIMEOUT_MS, statementTimeoutMs)}`,
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
    "jit = off",
    "plan_cache_mode = force_generic_plan",
  ].map((setting) => `${set} ${setting}`);
  return [...settings, durableCommitSetting(set)].join("; ");
}

/** Makes commits wait for the disk, whatever the database's own settings. */
export function durableCommitSetting(set: "set" | "set local"): string {
  return `select set_config('synchronous_commit', 'on', ${set === "set local"}) where current_setting('synchronous_commit') = 'off'`;
}

function rethrow(cause: unknown): never {
  throw new PostgresError(cause);
}

function ignore(): void {}
