import { isJsonObject } from "../core/json/json.ts";
import type { OperationError, Settlement } from "../core/operation.ts";
import { text } from "./values.ts";

/** The value of a column that contains JSON. Null stays null; the parsers throw if the JSON has another shape. */
type Column = unknown;

export function errorOf(column: Column): OperationError | null {
  return column === null ? null : checkedError(JSON.parse(text(column)));
}

export function settlementOf(column: Column): Settlement | null {
  if (column === null) return null;
  const value: unknown = JSON.parse(text(column));
  if (!isJsonObject(value)) throw unexpected("settlement", value);
  const { state, error } = value;
  if (state !== "cancelled" && state !== "failed") throw unexpected("settlement", value);
  return { state, error: checkedError(error) };
}

export function namesOf(column: Column): string[] {
  if (column === "[]") return [];
  const value: unknown = JSON.parse(text(column));
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  throw unexpected("list of names", value);
}

export function fieldPathsOf(column: Column): string[][] {
  const value: unknown = JSON.parse(text(column));
  if (Array.isArray(value)) return value.map((path) => namesOf(JSON.stringify(path)));
  throw unexpected("list of fields", value);
}

export function samplesOf(column: Column): (readonly [reachedMs: number, settledMs: number])[] {
  const value: unknown = JSON.parse(text(column));
  if (Array.isArray(value) && value.every(isSample)) return value;
  throw unexpected("list of samples", value);
}

function isSample(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "number");
}

function checkedError(value: unknown): OperationError {
  if (!isJsonObject(value)) throw unexpected("error", value);
  const { code, title, detail, retryable } = value;
  if (
    typeof code !== "string" ||
    typeof title !== "string" ||
    typeof detail !== "string" ||
    typeof retryable !== "boolean"
  ) {
    throw unexpected("error", value);
  }
  return { code, title, detail, retryable };
}

function unexpected(expected: string, value: unknown): TypeError {
  return new TypeError(`Not a ${expected}: ${JSON.stringify(value)}`);
}
