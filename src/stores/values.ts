/** What a column holds: flags as 0 and 1, JSON as text. */
export type ColumnValue = string | number | null;

/** One row as a database gives it: the values in the order of the statement's columns. */
export type RowValues = readonly unknown[];

export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Not a text: ${String(value)}`);
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

/** Says why an entry cannot be stored. */
export class UnstorableValue extends Error {
  override readonly name = "RefusedEntry";
}

/**
 * Makes a value fit to store: instants become whole numbers. What a database would not take, or would give back as something else
 * (NUL, half a surrogate pair, infinity), is refused; `place` names the column.
 */
export function toStorable(value: unknown, column: string): ColumnValue {
  if (value === null) return null;
  if (typeof value === "string") {
    if (value.includes("\0")) throw new UnstorableValue(`${column} contains a NUL character`);
    if (!value.isWellFormed()) throw new UnstorableValue(`${column} contains half of a surrogate pair`);
    return value;
  }
  if (typeof value !== "number") throw new UnstorableValue(`${column} is missing`);
  // Progress alone is a fraction.
  if (value > 0 && value < 1) return value;
  const whole = Math.round(value);
  // Beyond these, a number would come back as another one.
  if (!Number.isSafeInteger(whole)) throw new UnstorableValue(`${column} is ${value}`);
  return whole;
}
