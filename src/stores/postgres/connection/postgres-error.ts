/**
 * What a failure of the database means. `lost`: the connection is of no use any more; whether its last statement was committed is
 * unknown. `race`: another transaction was faster; repeated, this one sees what that one did. `entry`: the database took the values
 * ill. `other`: it would not, for a reason that repeating does not mend.
 */
export type PostgresErrorKind = "lost" | "race" | "entry" | "other";

/** What the database, or the way to it, said instead of answering. */
export class PostgresError extends Error {
  override readonly name = "Fault";
  readonly kind: PostgresErrorKind;
  /** Of five characters; undefined where no database spoke. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly sqlState: string | undefined;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.sqlState = sqlStateOf(cause);
    this.kind = kindOf(this.sqlState, cause);
  }
}

/** A unique index was violated: the other transaction made the same row. */
const CONFLICTS = new Set(["23505", "40001", "40P01"]);

/** The connection itself is over, or leads to where nothing can be written: a standby that was, or still is. */
const CONNECTION_STATES = new Set(["57P01", "57P02", "57P03", "57P05", "25006", "53300"]);

/** Data exceptions, integrity constraints, limits of the program. */
const ENTRY_CLASSES = new Set(["22", "23", "54"]);

function kindOf(sqlState: string | undefined, cause: unknown): PostgresErrorKind {
  if (sqlState === undefined || CONNECTION_STATES.has(sqlState) || sqlState.startsWith("08")) return "lost";
  if (typeof cause === "object" && cause !== null && "severity" in cause && cause.severity === "FATAL") return "lost";
  if (CONFLICTS.has(sqlState)) return "race";
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
