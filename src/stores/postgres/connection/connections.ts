import { Pool, type PoolClient, type PoolConfig } from "pg";
import type { RowValues } from "../../values.ts";
import type { Settings } from "./options.ts";
import { PostgresError } from "./postgres-error.ts";
import { createRetry, type RetryOptions } from "./retry.ts";
import type { Statement } from "./statement.ts";

export type Parameter = string | number | null;

/**
 * Runs statements on one connection. Statements of the same event-loop tick are pipelined and answered in their order.
 */
export interface Session {
  run(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly RowValues[]>;
}

/** A session within a transaction. The caller commits together with the last statements, to save a round trip. */
export interface Transaction extends Session {
  /** @param isDurable false for a commit that may be lost if the database crashes; it does not wait for the disk */
  commit(isDurable?: boolean): Promise<void>;
}

/** The connection pool of a store. Retries calls that fail because of the connection or of another transaction. */
export interface Connections {
  /**
   * Runs a transaction.
   *
   * @throws PostgresError of the database, or any error of `use`; nothing of the last try is stored, unless the kind is
   * `connection`
   */
  transaction<Result>(use: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Runs one statement outside of a transaction. */
  run(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly RowValues[]>;
  /**
   * Runs one writing statement outside of a transaction, as durable as one. It is not retried.
   *
   * @throws PostgresError
   */
  runOnce(statement: Statement, parameters: readonly Parameter[]): Promise<void>;
  close(): Promise<void>;
}

/** The oids of types that are parsed as numbers. Instants and counts are bigint, and within the safe integers. */
const NUMBERS = new Set([20, 21, 23, 701]);
const BOOLEAN = 16;

function parserOf(type: number): (value: string) => unknown {
  if (NUMBERS.has(type)) return Number;
  return type === BOOLEAN ? (value) => value === "t" : String;
}

/** Returns the configuration of a connection of this store. */
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
    // The database cancels a slow statement first; this timeout is for a silent network.
    query_timeout: statementTimeoutMs * 1.5,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool awaits it, although its types lack the promise
    onConnect: async (client) => {
      client.on("error", ignore);
      if (!transactionPooler) await client.query(sessionSettings(settings, "set"));
    },
  });
  // A broken idle connection leaves the pool, and the next statement opens another.
  pool.on("error", ignore);
  // Not `read write`: an administrator who sets default_transaction_read_only means these transactions too.
  const begin = `begin isolation level read committed${transactionPooler ? `; ${sessionSettings(settings, "set local")}` : ""}`;
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
      // Behind a pooler, settings last for a transaction only.
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
    // If the begin failed, the statement must not run: it would be a transaction of its own.
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

/** Runs one statement. If it needs a setting, runs it in a transaction, with which the setting ends. */
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

/** Corks the socket, so that the writes of this event-loop tick leave in one packet. */
function corkUntilNextTick({ connection: { stream } }: PoolClient): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

async function commandOn(client: PoolClient, sql: string): Promise<void> {
  corkUntilNextTick(client);
  await client.query(sql).catch(rethrow);
}

/** Rethrows the first error of a transaction for every later statement, whose own errors do not name the cause. */
function createFirstError(): <Result>(result: Promise<Result>) => Promise<Result> {
  let first: unknown;
  return async (result) => {
    try {
      return await result;
    } catch (error) {
      first ??= error;
      throw first;
    }
  };
}

/** Marks a promise as handled. Of pipelined statements, those that fail after the first are not awaited. */
function handled<Result>(result: Promise<Result>): Promise<Result> {
  result.catch(ignore);
  return result;
}

/** Rolls back, which also waits for all earlier statements. Returns true if the connection is still usable. */
async function isUsable(client: PoolClient, error: unknown): Promise<boolean> {
  if (error instanceof PostgresError && error.kind === "connection") return false;
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}

/** Maximum idle time within a transaction. An idle transaction is of a stalled process, and its locks block others. */
const IDLE_TRANSACTION_TIMEOUT_MS = 2000;

/** Maximum idle time of a connection. Opening one takes longer than most calls. */
const IDLE_CONNECTION_TTL_MS = 60_000;

/**
 * Returns the settings of every session, which override those of the database: durable commits, timeouts of statements
 * and idle transactions, and cached plans by index. The plan of a prepared statement is cached, so it must not depend
 * on the table being empty at the time; planning each time takes longer than the statement.
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

/** Returns the statement that makes commits wait for the disk, whatever the settings of the database. */
export function durableCommitSetting(set: "set" | "set local"): string {
  return `select set_config('synchronous_commit', 'on', ${set === "set local"}) where current_setting('synchronous_commit') = 'off'`;
}

function rethrow(cause: unknown): never {
  throw new PostgresError(cause);
}

function ignore(): void {}
