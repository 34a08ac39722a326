import type { PoolClient, QueryResult } from "pg";
import type { RowValues } from "../../values.ts";
import { PostgresError } from "./postgres-error.ts";
import type { Statement } from "./statement.ts";

export type Parameter = string | number | null;

/**
 * Runs statements on one connection. Statements of the same event-loop tick are pipelined and answered in their order.
 */
export interface Session {
  run(statement: Statement, parameters?: readonly Parameter[]): Promise<readonly RowValues[]>;
}

/** The oids of types that are parsed as numbers. Instants and counts are bigint, and within the safe integers. */
const NUMBERS = new Set([20, 21, 23, 701]);
const BOOLEAN = 16;

function parserOf(type: number): (value: string) => unknown {
  if (NUMBERS.has(type)) return Number;
  return type === BOOLEAN ? (value) => value === "t" : String;
}

/** The type parsers of the store, whatever parsers the application has set. */
export const TYPES = { getTypeParser: parserOf };

interface Query {
  readonly text: string;
  readonly name?: string;
  readonly values?: Parameter[];
  readonly rowMode?: "array";
}

/** Sends queries on one connection, in order. */
export interface Wire {
  /** @throws PostgresError */
  readonly send: (query: Query) => Promise<readonly RowValues[]>;
  /** Rolls back, which also waits for all earlier queries. */
  readonly rollback: () => Promise<void>;
}

/** A connection of the store's own pool, which sends the queries of one tick together. */
export function pipelinedWire(client: PoolClient): Wire {
  return {
    async send(query) {
      corkUntilNextTick(client);
      return rowsOf(client.query<RowValues[]>({ ...query, rowMode: "array" }));
    },
    async rollback() {
      await client.query("rollback");
    },
  };
}

/**
 * A connection of the application's pool. It sends the next query after the reply to the one before, as `pg` requires
 * without the option `pipeline`, and none after an error.
 */
export function sequentialWire(client: PoolClient, timeoutMs: number): Wire {
  let last: Promise<unknown> = Promise.resolve();
  const options = { types: TYPES, query_timeout: timeoutMs, rowMode: "array" as const };
  return {
    send(query) {
      const result = last.then(() => rowsOf(client.query<RowValues[]>({ ...query, ...options })));
      last = handled(result);
      return result;
    },
    async rollback() {
      await last.catch(ignore);
      await client.query("rollback");
    },
  };
}

async function rowsOf(result: Promise<QueryResult<RowValues[]>>): Promise<readonly RowValues[]> {
  try {
    return (await result).rows;
  } catch (cause) {
    throw new PostgresError(cause);
  }
}

/** Creates a session on a connection. @param isNamed true to prepare each statement once, under its name */
export function sessionOn(wire: Wire, isNamed: boolean): Session {
  return {
    run(statement, parameters = []) {
      if (statement.isPlannedByValues === true) void handled(wire.send({ text: "set local plan_cache_mode = auto" }));
      const { name, text } = statement;
      return handled(wire.send({ text, values: [...parameters], ...(isNamed ? { name } : {}) }));
    },
  };
}

/** Runs one statement. If it needs a setting, runs it in a transaction, with which the setting ends. */
export async function runAlone(
  wire: Wire,
  session: Session,
  statement: Statement,
  parameters: readonly Parameter[] | undefined,
): Promise<readonly RowValues[]> {
  if (statement.isPlannedByValues !== true) return session.run(statement, parameters);
  const begun = wire.send({ text: "begin isolation level read committed read only" });
  const [rows] = await Promise.all([session.run(statement, parameters), begun, wire.send({ text: "commit" })]);
  return rows;
}

/** Corks the socket, so that the writes of this event-loop tick leave in one packet. */
function corkUntilNextTick({ connection: { stream } }: PoolClient): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Marks a promise as handled. Of pipelined statements, those that fail after the first are not awaited. */
export function handled<Result>(result: Promise<Result>): Promise<Result> {
  result.catch(ignore);
  return result;
}

export function ignore(): void {}
