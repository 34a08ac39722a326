import { inspect } from "node:util";
import { labelError } from "../../core/definition/checks.ts";
import { RESERVED_FIELDS } from "../../core/definition/representation-fields.ts";
import { encodeJson, NotJsonError } from "../../core/json/encode-json.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { isSettledLabel, type TypePolicy } from "../../core/policy.ts";

/** A report whose fields can all be stored. */
export interface CheckedReport {
  readonly progress?: number;
  readonly status?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly estimatedTimeRemainingMs?: number;
}

/** Called for each part of a report that is adjusted or ignored. */
export type OnReportProblem = (field: string, problem: string) => void;

/** Rounding errors of a sum of parts, such as 1.0000000000000002, need no warning. */
const ROUNDING_ERROR = 1e-9;

/** Maximum estimate, in milliseconds: a hundred years. */
const MAX_ESTIMATE_MS = 100 * 365.25 * 86_400_000;

const FIELDS: ReadonlySet<string> = new Set(["progress", "status", "details", "estimatedTimeRemainingMs"]);

/**
 * Checks a report field by field. A report is advice: values out of range are clamped, invalid ones are ignored. Never throws, even if
 * the report is an object of a library whose getters throw.
 */
export function checkReport(report: unknown, policy: TypePolicy, onProblem: OnReportProblem): CheckedReport {
  try {
    return checkFields(report, policy, onProblem);
  } catch (error) {
    onProblem("", `reading it throws ${error instanceof Error ? error.message : "an error"}; ignored`);
    return {};
  }
}

function checkFields(report: unknown, policy: TypePolicy, onProblem: OnReportProblem): CheckedReport {
  if (!isJsonObject(report)) {
    onProblem("", `${format(report)} is not an object such as { progress: 0.5 }; ignored`);
    return {};
  }
  for (const field of Object.keys(report)) {
    if (!FIELDS.has(field)) onProblem(field, `unknown field; the fields are ${[...FIELDS].join(", ")}`);
  }
  const progress = clamped("progress", report["progress"], 1, onProblem);
  const status = checkLabel(report["status"], policy, onProblem);
  const details = checkDetails(report["details"], onProblem);
  const estimate = clamped("estimatedTimeRemainingMs", report["estimatedTimeRemainingMs"], MAX_ESTIMATE_MS, onProblem);
  return {
    ...(progress === undefined ? {} : { progress }),
    ...(status === undefined ? {} : { status }),
    ...(details === undefined ? {} : { details }),
    ...(estimate === undefined ? {} : { estimatedTimeRemainingMs: estimate }),
  };
}

/** Reported details and their encoding. */
export interface EncodedDetails {
  readonly details: Readonly<Record<string, unknown>>;
  readonly text: JsonText;
}

/** Encodes details without the fields that JSON cannot represent. Returns undefined if nothing can be encoded within `maxBytes`. */
export function encodeDetails(
  details: Readonly<Record<string, unknown>>,
  maxBytes: number,
  onProblem: OnReportProblem,
): EncodedDetails | undefined {
  try {
    const text = encodeJson(details, "details");
    if (text.length <= maxBytes) return { details, text };
    onProblem("details", `${text.length} characters exceed maxBytes (${maxBytes}); ignored`);
    return undefined;
  } catch (error) {
    const pointer = error instanceof NotJsonError ? error.pointer : "";
    const field = (pointer.split("/", 2)[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
    const kept = Object.fromEntries(Object.entries(details).filter(([name]) => name !== field));
    const isFound = Object.keys(kept).length < Object.keys(details).length;
    onProblem(
      isFound ? `details.${field}` : "details",
      `${error instanceof Error ? error.message : "invalid"}; ignored`,
    );
    return isFound ? encodeDetails(kept, maxBytes, onProblem) : undefined;
  }
}

/** Returns the first field whose name is reserved in every representation. */
export function reservedField(details: object): string | undefined {
  return Object.keys(details).find((field) => RESERVED_FIELDS.has(field));
}

function clamped(field: string, value: unknown, max: number, onProblem: OnReportProblem): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    onProblem(field, `${format(value)} is not a number from 0 to ${max}; ignored`);
    return undefined;
  }
  const result = Math.min(max, Math.max(0, value));
  if (Math.abs(result - value) > ROUNDING_ERROR) onProblem(field, `${value} is not from 0 to ${max}; using ${result}`);
  return result;
}

function checkLabel(status: unknown, policy: TypePolicy, onProblem: OnReportProblem): string | undefined {
  if (status === undefined) return undefined;
  const error = labelError(status);
  if (error !== undefined || typeof status !== "string") {
    onProblem("status", `${format(status)}: ${error}; ignored`);
    return undefined;
  }
  if (!isSettledLabel(policy, status)) return status;
  onProblem(
    "status",
    `${format(status)} is a label of settled resources, and clients would take it for the end; the label before it stays`,
  );
  return undefined;
}

function checkDetails(details: unknown, onProblem: OnReportProblem): CheckedReport["details"] {
  if (details === undefined) return undefined;
  if (!isJsonObject(details)) {
    onProblem("details", `${format(details)} is not an object whose fields are to be shown; ignored`);
    return undefined;
  }
  const reserved = Object.keys(details).filter((field) => RESERVED_FIELDS.has(field));
  for (const field of reserved) {
    onProblem(`details.${field}`, "is reserved: every representation has this field; choose another name");
  }
  return Object.fromEntries(Object.entries(details).filter(([field]) => !RESERVED_FIELDS.has(field)));
}

function format(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 100, maxArrayLength: 5, breakLength: Infinity });
}
