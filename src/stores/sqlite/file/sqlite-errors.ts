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

/** Returns true if the error is one of SQLite, of one of these kinds. */
export function isSqliteError(error: unknown, ...kinds: readonly SqliteErrorKind[]): boolean {
  const code = resultCode(error);
  return code !== undefined && kinds.some((kind) => CODES[kind] === code);
}

/** Returns true if the error concerns a single entry: SQLite rejected one of its values, or never received it. */
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
