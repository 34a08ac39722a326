import { labelFault } from "../../core/definition/checks.ts";
import { RESERVED_FIELDS } from "../../core/definition/define-resource.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import type { Report } from "../../core/work.ts";
import { misuse } from "../attempt/failure.ts";
import { stringify } from "./json-result.ts";

/** A report whose every field can be stored. */
export interface CheckedReport {
  readonly progress?: number;
  readonly status?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly estimatedTimeRemainingMs?: number;
}

/**
 * Checks what work reports, field by field.
 *
 * @throws PermanentError `invalid-report` naming the field
 */
export function checkReport(report: Report<unknown>): CheckedReport {
  if (!isJsonObject(report)) throw invalid("give an object, such as { progress: 0.5 }");
  const { progress, status, details, estimatedTimeRemainingMs } = report;
  return {
    ...(progress === undefined ? {} : { progress: Math.min(1, positive("progress", progress)) }),
    ...(status === undefined ? {} : { status: checkLabel(status) }),
    ...(details === undefined ? {} : { details: checkDetails(details) }),
    ...(estimatedTimeRemainingMs === undefined
      ? {}
      : { estimatedTimeRemainingMs: positive("estimatedTimeRemainingMs", estimatedTimeRemainingMs) }),
  };
}

/** Writes the details of all reports together. */
export function encodeDetails(details: Readonly<Record<string, unknown>>): JsonText {
  return stringify(details, (why) => invalid(`details: ${why}; give plain values`));
}

/** Names the first field that every representation has already. */
export function reservedField(details: object): string | undefined {
  return Object.keys(details).find((field) => RESERVED_FIELDS.has(field));
}

function positive(field: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && !Number.isNaN(value)) return Math.min(value, Number.MAX_SAFE_INTEGER);
  throw invalid(`${field}: ${String(value)} is not a number of zero or more`);
}

function checkLabel(status: unknown): string {
  const fault = labelFault(status);
  if (fault === undefined && typeof status === "string") return status;
  throw invalid(`status: ${fault}`);
}

function checkDetails(details: unknown): Readonly<Record<string, unknown>> {
  if (!isJsonObject(details)) throw invalid("details: give an object whose fields shall be shown");
  const reserved = reservedField(details);
  if (reserved === undefined) return details;
  throw invalid(`details.${reserved}: every representation has a field of this name; choose another`);
}

function invalid(why: string): Error {
  return misuse("invalid-report", `report: ${why}.`);
}
