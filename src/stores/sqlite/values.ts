import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

/** One row as SQLite gives it: the values in the order of the statement's columns. */
export type RowValues = readonly SQLOutputValue[];

/** A statement whose rows are arrays: half the cost of objects. */
export interface RowStatement {
  get(...parameters: SQLInputValue[]): RowValues | undefined;
  all(...parameters: SQLInputValue[]): readonly RowValues[];
}

/** Prepares a statement that reads rows. */
export function prepareRows(database: DatabaseSync, sql: string): RowStatement {
  const statement: StatementSync = database.prepare(sql);
  statement.setReturnArrays(true);
  return {
    get(...parameters) {
      const row: unknown = statement.get(...parameters);
      return isRow(row) ? row : undefined;
    },
    all(...parameters) {
      const rows: readonly unknown[] = statement.all(...parameters);
      return rows.filter(isRow);
    },
  };
}

/** The declarations of node:sqlite know rows as objects only. */
function isRow(row: unknown): row is RowValues {
  return Array.isArray(row);
}

export function text(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Not a text: ${String(value)}`);
}

export function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null ? null : text(value);
}

export function number(value: SQLOutputValue | undefined): number {
  if (typeof value === "number") return value;
  throw new TypeError(`Not a number: ${String(value)}`);
}

export function numberOrNull(value: SQLOutputValue | undefined): number | null {
  return value === null ? null : number(value);
}

export function flag(value: SQLOutputValue | undefined): boolean {
  return value === 1;
}

export function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Says why an entry cannot be stored. */
export class RefusedEntry extends Error {
  override readonly name = "RefusedEntry";
}

/**
 * Makes values fit to bind, in place: instants become whole numbers. What SQLite would take and give back as something else (half
 * a surrogate pair, infinity) or would cut off in the eyes of other programs (NUL) is refused, `place` naming each column.
 */
export function fit(values: SQLInputValue[], place: (index: number) => string): SQLInputValue[] {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "string") {
      if (value.includes("\0")) throw new RefusedEntry(`${place(index)} contains a NUL character`);
      if (!value.isWellFormed()) throw new RefusedEntry(`${place(index)} contains half of a surrogate pair`);
    } else if (typeof value === "number") {
      if (Number.isSafeInteger(value) || isShare(value)) continue;
      const whole = Math.round(value);
      if (!Number.isSafeInteger(whole)) throw new RefusedEntry(`${place(index)} is ${value}`);
      values[index] = whole;
    } else if (value === undefined) {
      throw new RefusedEntry(`${place(index)} is missing`);
    }
  }
  return values;
}

/** Progress is the one number that is no whole one. */
function isShare(value: number): boolean {
  return value > 0 && value < 1;
}
