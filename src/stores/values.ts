/** The value of a column. Flags are 0 and 1, JSON is text. */
export type ColumnValue = string | number | null;

/** One row of a result: the values in the order of the statement's columns. */
export type RowValues = readonly unknown[];

export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Not a string: ${String(value)}`);
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : text(value);
}

export function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw new TypeError(`Not a number: ${String(value)}`);
}

export function numberOrNull(value: unknown): number | null {
  return value === null ? null : number(value);
}

export function flag(value: unknown): boolean {
  return value === 1 || value === true;
}

export function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** A value that no store can hold. The message names its column. */
export class UnstorableValue extends Error {
  override readonly name = "UnstorableValue";
}

/**
 * Converts a value for storage: instants become whole numbers.
 *
 * @throws UnstorableValue for a value that a database rejects or returns changed: NUL, half of a surrogate pair,
 * infinity
 */
export function toStorable(value: unknown, column: string): ColumnValue {
  if (value === null) return null;
  if (typeof value === "string") {
    if (value.includes("\0")) throw new UnstorableValue(`${column} contains a NUL character`);
    if (!value.isWellFormed()) throw new UnstorableValue(`${column} contains half of a surrogate pair`);
    return value;
  }
  if (typeof value !== "number") throw new UnstorableValue(`${column} is missing`);
  // Progress is the only fraction.
  if (value > 0 && value < 1) return value;
  const whole = Math.round(value);
  // A number beyond the safe integers would be read back as a different one.
  if (!Number.isSafeInteger(whole)) throw new UnstorableValue(`${column} is ${value}`);
  return whole;
}
