import { type ClientConfig, Pool, type PoolClient, type PoolConfig } from "pg";
import type { RowValues } from "../../values.ts";
import type { Settings } from "./options.ts";
import { PostgresError } from "./postgres-error.ts";
import { createRetry, type RetryOptions } from "./retry.ts";
import {
  handled,
  ignore,
  type Parameter,
  pipelinedWire,
  runAlone,
  sequentialWire,
  type Session,
  sessionOn,
  TYPES,
  type Wire,
} from "./session.ts";
import type { Statement } from "./statement.ts";

export type { Parameter, Session } from "./session.ts";

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
  runOnce(statement: Statement, parameters: readonly Parameter[]): Promise<readonly RowValues[]>;
  close(): Promise<void>;
}

/** Returns the configuration of a connection of the store's own. */
function connectionConfig({ tls, connectTimeoutMs, applicationName }: Settings, url: string): PoolConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: applicationName,
    keepAlive: true,
    types: TYPES,
    ...(tls === undefined ? {} : { ssl: tls }),
  };
}

/** Returns the configuration of a connection for a task of its own: to the database itself, as far as known. */
export function directConfig(settings: Settings): ClientConfig {
  const { source, listenUrl } = settings;
  if (listenUrl !== undefined) return connectionConfig(settings, listenUrl);
  if ("url" in source) return connectionConfig(settings, source.url);
  const { options } = source.pool;
  // The pool hides its password from enumeration.
  const { password } = options;
  return { ...options, ...(password === undefined ? {} : { password }), types: TYPES, keepAlive: true };
}

/** A pool, and how the store uses its connections. */
interface ConnectionSource {
  readonly pool: Pick<Pool, "connect">;
  readonly wireOf: (client: PoolClient) => Wire;
  readonly close: () => Promise<void>;
}

/** Creates a pool of the store's own. */
function ownPool(settings: Settings, url: string): ConnectionSource {
  const { maxConnections, transactionPooler } = settings;
  const pool = new Pool({
    ...connectionConfig(settings, url),
    max: maxConnections,
    idleTimeoutMillis: IDLE_CONNECTION_TTL_MS,
    pipeline: true,
    query_timeout: replyTimeoutMs(settings),
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool awaits it, although its types lack the promise
    onConnect: async (client) => {
      client.on("error", ignore);
      if (!transactionPooler) await client.query(sessionSettings(settings, "set"));
    },
  });
  // A broken idle connection leaves the pool, and the next statement opens another.
  pool.on("error", ignore);
  return { pool, wireOf: pipelinedWire, close: () => pool.end() };
}

/** Uses the pool of the application. Its sessions are left as they are, and it is not ended. */
function sharedPool(settings: Settings, pool: Pool): ConnectionSource {
  // Without a listener, a broken idle connection would end the process.
  pool.on("error", ignore);
  return {
    pool: {
      async connect() {
        const client = await pool.connect();
        client.on("error", ignore);
        return client;
      },
    },
    wireOf: (client) => sequentialWire(client, replyTimeoutMs(settings)),
    async close() {
      pool.off("error", ignore);
    },
  };
}

/** Returns the maximum time of a reply. The database cancels a slow statement first; this is for a silent network. */
function replyTimeoutMs({ statementTimeoutMs }: Settings): number {
  return statementTimeoutMs * 1.5;
}

export function openConnections(settings: Settings, repeat: RetryOptions): Connections {
  const { source, transactionPooler } = settings;
  const { pool, wireOf, close } = "url" in source ? ownPool(settings, source.url) : sharedPool(settings, source.pool);
  // Not `read write`: an administrator who sets default_transaction_read_only means these transactions too.
  const begin = `begin isolation level read committed${transactionPooler ? `; ${sessionSettings(settings, "set local")}` : ""}`;
  const retry = createRetry(repeat);

  const withWire = async <Result>(use: (wire: Wire, session: Session) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect().catch(rethrow);
    const wire = wireOf(client);
    let isBroken = true;
    try {
      const result = await use(wire, sessionOn(wire, !transactionPooler));
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = !(await isUsable(wire, error));
      throw error;
    } finally {
      if ("pool" in source) client.off("error", ignore);
      client.release(isBroken);
    }
  };
  const inTransaction = <Result>(use: (transaction: Transaction) => Promise<Result>): Promise<Result> =>
    withWire((wire, session) => runWithin(wire, session, begin, use));
  return {
    transaction: (use) => retry(() => inTransaction(use)),
    async runOnce(statement, parameters) {
      // Behind a pooler, settings last for a transaction only.
      if (!transactionPooler) return withWire((_, session) => session.run(statement, parameters));
      const run = (each: Transaction) => Promise.all([each.run(statement, parameters), each.commit()]);
      const [rows] = await inTransaction(run);
      return rows;
    },
    run: (statement, parameters) =>
      retry(() => withWire((wire, session) => runAlone(wire, session, statement, parameters))),
    close,
  };
}

async function runWithin<Result>(
  wire: Wire,
  session: Session,
  begin: string,
  use: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const withFirstError = createFirstError();
  const command = async (text: string): Promise<void> => {
    await handled(withFirstError(wire.send({ text })));
  };
  const begun = handled(command(begin));
  let isBegun = true;
  begun.catch(() => {
    isBegun = false;
  });
  const used = use({
    // If the begin failed, the statement must not run: it would be a transaction of its own.
    run: (statement, parameters) =>
      handled(isBegun ? withFirstError(session.run(statement, parameters)) : begun.then(() => [])),
    commit: (isDurable = true) => handled(command(isDurable ? "commit" : "set local synchronous_commit = off; commit")),
  });
  const [result] = await Promise.all([used, begun]);
  return result;
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

/** Rolls back, which also waits for all earlier statements. Returns true if the connection is still usable. */
async function isUsable(wire: Wire, error: unknown): Promise<boolean> {
  if (error instanceof PostgresError && error.kind === "connection") return false;
  try {
    await wire.rollback();
    return true;
  } catch {
    return false;
  }
}

/** Maximum wait for a lock. Batches hold theirs for a commit, transactions of the application may for minutes. */
export const LOCK_TIMEOUT_MS = 200;

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
    `lock_timeout = ${LOCK_TIMEOUT_MS}`,
    `idle_in_transaction_session_timeout = ${Math.min(IDLE_TRANSACTION_TIMEOUT_MS, statementTimeoutMs)}`,
    "search_path = pg_catalog",
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
