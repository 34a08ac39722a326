import { isJsonObject } from "../../core/json/json.ts";
import type { Answer } from "../http/reply.ts";
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
  /** What the server says of a failure, in whatever shape: `code`, `title`, and `detail` or `message` are looked for. */
  readonly error?: unknown;
}

/** Tells from an answer how the resource stands. `representation` is the body's JSON, null where it was empty. */
export type Reader = (representation: unknown, headers: Headers) => Reading;

/** A representation and what was read of it. */
export interface Snapshot<Representation = unknown> extends Omit<Reading, "error">, FollowedState {
  readonly representation: Representation;
}

/** Reads an answer, and puts what is said of a failure into one shape. */
export function readWith(read: Reader, { body, headers }: Answer): Omit<Snapshot, "representation"> {
  const { error, ...reading } = read(body, headers);
  const { outcome, status } = reading;
  const succeeded = outcome === "succeeded";
  const settled = outcome !== undefined;
  return {
    ...reading,
    settled,
    succeeded,
    ...(settled && !succeeded ? { error: errorOf(error, outcome, status) } : {}),
  };
}

/** Reads an answer, and keeps the representation beside what was read. */
export function snapshotOf<Representation>(answer: Answer, read: Reader): Snapshot<Representation> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names what it expects of a foreign API
  return { representation: answer.body as Representation, ...readWith(read, answer) };
}

function errorOf(error: unknown, outcome: "failed" | "cancelled", label: string | undefined): ResourceError {
  const { code, title, detail, message, retryable } = fieldsOf(error);
  return {
    // So that whoever is given the error alone can tell.
    code: outcome === "cancelled" ? outcome : (labelOf(code) ?? outcome),
    title: labelOf(title) ?? label ?? outcome,
    detail: labelOf(detail ?? message) ?? "",
    retryable: retryable === true,
  };
}

/**
 * Reads the embedded status of this pattern: in progress while the answer has Retry-After; else failed when it has an `error`,
 * cancelled when that has the code `cancelled`, in progress when it shows a progress that is not complete or a time remaining
 * without one, and succeeded when nothing of the kind is there. No label has to be known.
 */
export const embeddedStatus: Reader = (representation, headers) => {
  const { error } = fieldsOf(representation);
  const shown = shownIn(representation);
  if (headers.has("retry-after")) return { ...shown, outcome: undefined };
  const unfinished = (shown.progress ?? (shown.timeRemaining === undefined ? 1 : 0)) < 1;
  return { ...shown, ...(unfinished && !isJsonObject(error) ? { outcome: undefined } : endBy(error, "cancelled")) };
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
    const { error } = fieldsOf(representation);
    const shown = shownIn(representation);
    const outcome = OUTCOMES.find((each) => final[each]?.some((one) => isSame(one, shown.status)) ?? false);
    return { ...shown, outcome, error };
  };
}

const OUTCOMES = ["succeeded", "failed", "cancelled"] as const;

const AZURE = byStatus({ succeeded: ["Succeeded"], failed: ["Failed"], cancelled: ["Canceled", "Cancelled"] });

/**
 * Reads a resource or a status monitor in Azure's way: `properties.provisioningState`, else `status`; `Succeeded`, `Failed` and
 * `Canceled` are final, and so is a resource that has neither.
 *
 * @see https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#long-running-operations--jobs
 */
export const azure: Reader = (representation, headers) => {
  const { properties, status, percentComplete, error } = fieldsOf(representation);
  const inner = fieldsOf(properties);
  const shown = {
    status: inner["provisioningState"] ?? status ?? "Succeeded",
    progress: percentage(percentComplete),
    error: error ?? inner["error"],
  };
  return AZURE(shown, headers);
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
  const shown = shownIn({ status: state, progress: percentage(progressPercent ?? progress) });
  return { ...shown, ...(done === true ? endBy(error, GOOGLE_CANCELLED) : { outcome: undefined }) };
};

/** An end without an error is success. */
function endBy(error: unknown, cancelled: unknown): Pick<Reading, "outcome" | "error"> {
  if (!isJsonObject(error)) return { outcome: "succeeded" };
  return { outcome: error["code"] === cancelled ? "cancelled" : "failed", error };
}

function percentage(value: unknown): string | undefined {
  return typeof value === "number" ? `${value}%` : undefined;
}

/** The fields that a representation of this pattern shows its status in. */
function shownIn(representation: unknown): Omit<Reading, "outcome"> {
  const { status, progress, estimatedTimeRemaining } = fieldsOf(representation);
  return { status: labelOf(status), progress: progressOf(progress), timeRemaining: durationOf(estimatedTimeRemaining) };
}

/** Reads "50%", a fraction up to 1, or a percentage above it. */
function progressOf(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  const isPercentage = number > 1 || (typeof value === "string" && value.includes("%"));
  return Math.min(1, isPercentage ? number / 100 : number);
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
