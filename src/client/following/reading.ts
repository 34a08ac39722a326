import { isJsonObject } from "../../core/json/json.ts";
import { fieldsOf, type Reply, stringOrUndefined } from "../http/reply.ts";
import type { FollowedState, ResourceError } from "./state.ts";

/** Status and outcome that a reader found in a representation. */
export interface Reading {
  /** Undefined while in progress. */
  readonly outcome: "succeeded" | "failed" | "cancelled" | undefined;
  /** The status label. */
  readonly status?: string | undefined;
  /** Progress from 0 to 1. */
  readonly progress?: number | undefined;
  /** Time remaining in the server's words. */
  readonly timeRemaining?: string | undefined;
  /** The error in the server's own shape. Its fields `code`, `title`, and `detail` or `message` are used. */
  readonly error?: unknown;
}

/** Reads status and outcome from a reply. `representation` is the parsed body, null if it was empty. */
export type Reader = (representation: unknown, headers: Headers) => Reading;

/** A representation with its status and outcome. */
export interface Snapshot<Representation = unknown> extends Omit<Reading, "error">, FollowedState {
  readonly representation: Representation;
}

/** Reads a reply, and normalizes its error. */
export function readWith(read: Reader, { body, headers }: Reply): Omit<Snapshot, "representation"> {
  const { error, ...reading } = read(body, headers);
  const { outcome, status } = reading;
  const succeeded = outcome === "succeeded";
  const settled = outcome !== undefined;
  return {
    ...reading,
    settled,
    succeeded,
    ...(settled && !succeeded && { error: errorOf(error, outcome, status) }),
  };
}

/** Reads a reply, and keeps its representation. */
export function snapshotOf<Representation>(reply: Reply, read: Reader): Snapshot<Representation> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the type that it expects of another API
  return { representation: reply.body as Representation, ...readWith(read, reply) };
}

function errorOf(error: unknown, outcome: "failed" | "cancelled", label: string | undefined): ResourceError {
  const { code, title, detail, message, retryable } = fieldsOf(error);
  return {
    // The code alone must show a cancellation, for code that gets only the error.
    code: outcome === "cancelled" ? outcome : (textOf(code) ?? outcome),
    title: textOf(title) ?? label ?? outcome,
    detail: textOf(detail ?? message) ?? "",
    retryable: retryable === true,
  };
}

/**
 * Reads the embedded status of this pattern: in progress if the reply has Retry-After; else failed if it has an
 * `error`, cancelled if that has the code `cancelled`, in progress if it shows an incomplete progress or a time
 * remaining without progress, and succeeded otherwise. No label has to be known.
 */
export const embeddedStatus: Reader = (representation, headers) => {
  const { error } = fieldsOf(representation);
  const shown = shownIn(representation);
  if (headers.has("retry-after")) return { ...shown, outcome: undefined };
  const unfinished = (shown.progress ?? (shown.timeRemaining === undefined ? 1 : 0)) < 1;
  return { ...shown, ...(unfinished && !isJsonObject(error) ? { outcome: undefined } : endBy(error, "cancelled")) };
};

/** Final labels, for {@link byStatus}. Every other label is in progress. */
export interface FinalStatuses {
  readonly succeeded: readonly string[];
  /** @default none */
  readonly failed?: readonly string[];
  /** @default none */
  readonly cancelled?: readonly string[];
}

/** Creates a reader for an API whose `status` field alone shows the outcome. Labels are compared without case. */
export function byStatus(final: FinalStatuses): Reader {
  return (representation) => {
    const { error } = fieldsOf(representation);
    const shown = shownIn(representation);
    const label = shown.status?.toLowerCase();
    const outcome = OUTCOMES.find((each) => final[each]?.some((one) => one.toLowerCase() === label) ?? false);
    return { ...shown, outcome, error };
  };
}

const OUTCOMES = ["succeeded", "failed", "cancelled"] as const;

const AZURE = byStatus({ succeeded: ["Succeeded"], failed: ["Failed"], cancelled: ["Canceled", "Cancelled"] });

/**
 * Reads a resource or a status monitor of Azure: `properties.provisioningState`, else `status`. `Succeeded`, `Failed`
 * and `Canceled` are final. A resource with neither field has succeeded.
 *
 * @see https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#long-running-operations--jobs
 */
export const azure: Reader = (representation, headers) => {
  const { properties, status, percentComplete, error } = fieldsOf(representation);
  const inner = fieldsOf(properties);
  const shown = {
    status: inner["provisioningState"] ?? status ?? "Succeeded",
    progress: textOf(percentComplete, "%"),
    error: error ?? inner["error"],
  };
  return AZURE(shown, headers);
};

/** The gRPC code of a cancelled operation. */
const GOOGLE_CANCELLED = 1;

/**
 * Reads a Google long-running operation: final if `done` is true, and then failed if it has an `error`.
 *
 * @see https://google.aip.dev/151
 */
export const google: Reader = (representation) => {
  const { done, error, metadata } = fieldsOf(representation);
  const { progressPercent, progress, state } = fieldsOf(metadata);
  const shown = shownIn({ status: state, progress: textOf(progressPercent ?? progress, "%") });
  return { ...shown, ...(done === true ? endBy(error, GOOGLE_CANCELLED) : { outcome: undefined }) };
};

/** Returns the outcome of a finished operation. Without an error, it is success. */
function endBy(error: unknown, cancelled: unknown): Pick<Reading, "outcome" | "error"> {
  if (!isJsonObject(error)) return { outcome: "succeeded" };
  return { outcome: error["code"] === cancelled ? "cancelled" : "failed", error };
}

/** Reads the fields in which a representation of this pattern shows its status. */
function shownIn(representation: unknown): Omit<Reading, "outcome"> {
  const { status, progress, estimatedTimeRemaining } = fieldsOf(representation);
  return {
    status: textOf(status),
    progress: progressOf(progress),
    timeRemaining: textOf(estimatedTimeRemaining, " s"),
  };
}

/** Reads "50%", a fraction up to 1, or a percentage above it. */
function progressOf(value: unknown): number | undefined {
  const [, digits, unit] = /^\s*(\d[\d.e-]*)\s?(%?)\s?$/.exec(textOf(value) ?? "") ?? [];
  const number = Number(digits);
  if (Number.isNaN(number)) return undefined;
  return Math.min(1, number > 1 || unit === "%" ? number / 100 : number);
}

/** Returns a string unchanged, and a number with its unit. */
function textOf(value: unknown, unit = ""): string | undefined {
  return typeof value === "number" ? value + unit : stringOrUndefined(value);
}
