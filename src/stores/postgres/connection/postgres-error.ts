/**
 * The class of a database error. `connection`: the connection is unusable, and it is unknown whether its last statement
 * was committed. `conflict`: another transaction was faster; a retry sees its changes. `locked`: another transaction
 * holds a lock for long. `entry`: the database rejected a
 * value. `other`: the database refused for a reason that a retry does not change.
 */
export type PostgresErrorKind = "connection" | "conflict" | "locked" | "entry" | "full" | "other";

/** An error of the database or of the connection to it. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly kind: PostgresErrorKind;
  /**
   * The SQLSTATE, five characters. Undefined if the error is not from the database.
   *
   * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
   */
  readonly sqlState: string | undefined;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.sqlState = sqlStateOf(cause);
    this.kind = kindOf(this.sqlState, cause);
  }
}

/** Unique violation, serialization failure, deadlock: another transaction wrote the same row. */
const CONFLICTS = new Set(["23505", "40001", "40P01"]);

/** The connection has ended, or leads to a server that cannot be written: a standby, or a former one. */
const CONNECTION_STATES = new Set(["57P01", "57P02", "57P03", "57P05", "25006", "53300"]);

const LOCK_TIMEOUT = "55P03";

const DISK_FULL = "53100";

/** Data exceptions, integrity constraints, limits of the program. */
const ENTRY_CLASSES = new Set(["22", "23", "54"]);

function kindOf(sqlState: string | undefined, cause: unknown): PostgresErrorKind {
  if (sqlState === undefined || CONNECTION_STATES.has(sqlState) || sqlState.startsWith("08")) return "connection";
  if (typeof cause === "object" && cause !== null && "severity" in cause && cause.severity === "FATAL") {
    return "connection";
  }
  if (CONFLICTS.has(sqlState)) return "conflict";
  if (sqlState === LOCK_TIMEOUT) return "locked";
  if (sqlState === DISK_FULL) return "full";
  return ENTRY_CLASSES.has(sqlState.slice(0, 2)) ? "entry" : "other";
}

function sqlStateOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause) || !("severity" in cause)) return undefined;
  return typeof cause.code === "string" && cause.code.length === 5 ? cause.code : undefined;
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
