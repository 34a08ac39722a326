/** Primary result codes. @see https://www.sqlite.org/rescode.html */
const CODES = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const;

export type SqliteErrorKind = keyof typeof CODES;

/** Tells which fault of SQLite an error is; undefined for any other error. */
export function isSqliteError(error: unknown, ...faults: readonly SqliteErrorKind[]): boolean {
  const code = resultCode(error);
  return code !== undefined && faults.some((fault) => CODES[fault] === code);
}

/** True for an error that says something of an entry, not of the database: SQLite took part of it ill, or never saw it. */
export function isEntryError(error: unknown): boolean {
  return resultCode(error) === undefined || isSqliteError(error, "tooBig", "constraint", "mismatch");
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
