import { isJsonObject } from "../core/json.ts";
import type { FollowedState, ResourceError } from "./state.ts";

/** What a reader makes of a representation. */
export interface Reading {
  /** Undefined while in progress. */
  readonly outcome: "succeeded" | "failed" | "cancelled" | undefined;
  /** The label shown. */
  readonly status?: string | undefined;
  /** From 0 to 1. */
  readonly progress?: number | undefined;
  /** As the server words it. */
  readonly timeRemaining?: string | undefined;
  /** What the server says of a failure. */
  readonly error?: ResourceError | undefined;
}

/** Tells from an answer how the resource stands. `representation` is the body's JSON, null where it was empty. */
export type Reader = (representation: unknown, headers: Headers) => Reading;

/** A representation and what was read of it. */
export interface Snapshot<Representation = unknown> extends Reading, FollowedState {
  readonly representation: Representation;
}

/**
 * Reads the embedded status of this pattern: in progress while the answer has Retry-After; else failed when it has an `error`,
 * cancelled when that has the code `cancelled`, in progress when it shows a progress that is not complete or a time remaining
 * without one, and succeeded when nothing of the kind is there. No label has to be known.
 */
export const embeddedStatus: Reader = (representation, headers) => {
  const { status, progress, estimatedTimeRemaining, error } = fieldsOf(representation);
  const reading = {
    status: labelOf(status),
    progress: progressOf(progress),
    timeRemaining: durationOf(estimatedTimeRemaining),
  };
  if (headers.has("retry-after")) return { ...reading, outcome: undefined };
  if (isJsonObject(error)) {
    return {
      ...reading,
      outcome: error["code"] === "cancelled" ? "cancelled" : "failed",
      error: errorOf(error, undefined),
    };
  }
  const unfinished = (reading.progress ?? (reading.timeRemaining === undefined ? 1 : 0)) < 1;
  return { ...reading, outcome: unfinished ? undefined : "succeeded" };
};

/** Which labels are final, for {@link byStatus}. Every other label is in progress. */
export interface FinalStatuses {
  readonly succeeded: readonly string[];
  /** @default none */
  readonly failed?: readonly string[];
  /** @default none */
  readonly cancelled?: readonly string[];
}

/** Makes a reader for an API whose `status` field says everything. Letter case does not matter. */
export function byStatus(final: FinalStatuses): Reader {
  return (representation) => {
    const { status, progress, estimatedTimeRemaining, error } = fieldsOf(representation);
    const label = labelOf(status);
    const outcome = outcomes.find((each) => final[each]?.some((one) => isSame(one, label)) ?? false);
    const reading = {
      outcome,
      status: label,
      progress: progressOf(progress),
      timeRemaining: durationOf(estimatedTimeRemaining),
    };
    return outcome === "failed" ? { ...reading, error: errorOf(error, label) } : reading;
  };
}

const outcomes = ["succeeded", "failed", "cancelled"] as const;

/**
 * Reads a resource or a status monitor in Azure's way: `properties.provisioningState`, else `status`; `Succeeded`, `Failed` and `Canceled` are final, and so is a
 * resource that has neither.
 *
 * @see https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#long-running-operations--jobs
 */
export const azure: Reader = (representation) => {
  const { properties, status, percentComplete, error } = fieldsOf(representation);
  const inner = fieldsOf(properties);
  const label = labelOf(inner["provisioningState"] ?? status) ?? "Succeeded";
  const reading = { status: label, progress: percentageOf(percentComplete) };
  if (isSame("Succeeded", label)) return { ...reading, outcome: "succeeded" };
  if (isSame("Canceled", label) || isSame("Cancelled", label)) return { ...reading, outcome: "cancelled" };
  if (!isSame("Failed", label)) return { ...reading, outcome: undefined };
  return { ...reading, outcome: "failed", error: errorOf(error ?? inner["error"], label) };
};

/** gRPC's code for an operation that was cancelled. */
const GOOGLE_CANCELLED = 1;

/**
 * Reads a Google long-running operation: final when `done`; failed when it then has an `error`.
 *
 * @see https://google.aip.dev/151
 */
export const google: Reader = (representation) => {
  const { done, error, metadata } = fieldsOf(representation);
  const { progressPercent, progress, state } = fieldsOf(metadata);
  const reading = { status: labelOf(state), progress: percentageOf(progressPercent ?? progress) };
  if (done !== true) return { ...reading, outcome: undefined };
  if (!isJsonObject(error)) return { ...reading, outcome: "succeeded" };
  if (error["code"] === GOOGLE_CANCELLED) return { ...reading, outcome: "cancelled" };
  return { ...reading, outcome: "failed", error: errorOf(error, undefined) };
};

function errorOf(error: unknown, label: string | undefined): ResourceError {
  const { code, title, detail, message, retryable } = fieldsOf(error);
  return {
    code: labelOf(code) ?? "failed",
    title: labelOf(title) ?? label ?? "Failed",
    detail: labelOf(detail ?? message) ?? "",
    retryable: retryable === true,
  };
}

/** Reads "50%", a fraction up to 1, or a percentage above it. */
function progressOf(value: unknown): number | undefined {
  const number = numberOf(value);
  const percentage = (number ?? 0) > 1 || (typeof value === "string" && value.includes("%"));
  return percentage ? percentageOf(value) : number;
}

function percentageOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Math.min(1, number / 100);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value >= 0 ? value : undefined;
  const digits = typeof value === "string" ? /^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

function labelOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

function durationOf(value: unknown): string | undefined {
  return typeof value === "number" ? `${value} s` : labelOf(value);
}

function isSame(final: string, label: string | undefined): boolean {
  return final.toLowerCase() === label?.toLowerCase();
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return isJsonObject(value) ? value : {};
}
