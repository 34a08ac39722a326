import { labelError } from "../../core/definition/checks.ts";
import { RESERVED_FIELDS } from "../../core/definition/define-resource.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import type { Report } from "../../core/work.ts";
import { usageError } from "../attempt/failure.ts";
import { stringify } from "./json-result.ts";

/** A report whose fields can all be stored. */
export interface CheckedReport {
  readonly progress?: number;
  readonly status?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly estimatedTimeRemainingMs?: number;
}

/**
 * Validates a report field by field.
 *
 * @throws PermanentError `invalid-report` naming the field
 */
export function checkReport(report: Report<unknown>): CheckedReport {
  if (!isJsonObject(report)) throw invalid("give an object, such as { progress: 0.5 }");
  const { progress, status, details, estimatedTimeRemainingMs } = report;
  return {
    ...(progress === undefined ? {} : { progress: Math.min(1, nonNegative("progress", progress)) }),
    ...(status === undefined ? {} : { status: checkLabel(status) }),
    ...(details === undefined ? {} : { details: checkDetails(details) }),
    ...(estimatedTimeRemainingMs === undefined
      ? {}
      : { estimatedTimeRemainingMs: nonNegative("estimatedTimeRemainingMs", estimatedTimeRemainingMs) }),
  };
}

/** Encodes the merged details of all reports. */
export function encodeDetails(details: Readonly<Record<string, unknown>>): JsonText {
  return stringify(details, (why) => invalid(`details: ${why}; give plain values`));
}

/** Returns the first field whose name is reserved in every representation. */
export function reservedField(details: object): string | undefined {
  return Object.keys(details).find((field) => RESERVED_FIELDS.has(field));
}

function nonNegative(field: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && !Number.isNaN(value)) return Math.min(value, Number.MAX_SAFE_INTEGER);
  throw invalid(`${field}: ${String(value)} is not a number of zero or more`);
}

function checkLabel(status: unknown): string {
  const error = labelError(status);
  if (error === undefined && typeof status === "string") return status;
  throw invalid(`status: ${error}`);
}

function checkDetails(details: unknown): Readonly<Record<string, unknown>> {
  if (!isJsonObject(details)) throw invalid("details: give an object whose fields shall be shown");
  const reserved = reservedField(details);
  if (reserved === undefined) return details;
  throw invalid(`details.${reserved} is reserved: every representation has this field; choose another name`);
}

function invalid(why: string): Error {
  return usageError("invalid-report", `report: ${why}.`);
}
