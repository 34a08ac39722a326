import { encodeJson, NotJsonError } from "../../core/json/encode-json.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { validate } from "../../core/json/schema.ts";
import type { OperationError } from "../../core/operation.ts";
import type { AttemptKey, EndMessage, Grant } from "../../core/ports/messages.ts";
import { isSettled } from "../../core/settle.ts";
import { TIMED_OUT } from "../../core/state-machine/settling.ts";
import type { Attempt, Finish } from "../attempt/attempt.ts";
import { isWorkError, toLoggedOperationError, toOperationError, usageError } from "../attempt/failure.ts";
import { reservedField } from "../work/report-check.ts";

/** The end message of an attempt, without its key. */
export type Outcome = EndMessage extends infer Message
  ? Message extends AttemptKey
    ? Omit<Message, keyof AttemptKey>
    : never
  : never;

/** Decides how an attempt ends. Returns undefined if the server has ended it already. */
export async function outcomeOf(attempt: Attempt, finish: Finish): Promise<Outcome | undefined> {
  const { aborted } = attempt;
  switch (aborted?.code) {
    case "attempt-ended":
      return undefined;
    case "timed-out":
      return { outcome: "failed", error: TIMED_OUT };
    case "work-fault":
      return failedOutcome(attempt, aborted.cause);
    default:
      return attempt.fatalError === undefined
        ? finishedOutcome(attempt, finish)
        : failedOutcome(attempt, attempt.fatalError);
  }
}

async function finishedOutcome(attempt: Attempt, finish: Finish): Promise<Outcome> {
  switch (finish.how) {
    case "returned":
      if (attempt.isInterrupted) return { outcome: "handed-back" };
      return attempt.unawaited.first === undefined
        ? succeededOutcome(attempt, finish.value)
        : failedOutcome(attempt, attempt.unawaited.first);
    case "threw":
      return thrownOutcome(attempt, finish.error);
    case "abandoned":
      return { outcome: "handed-back" };
    case "idle":
      return attempt.aborted?.code === "waiting" ? waitingOutcome(attempt, finish) : { outcome: "handed-back" };
  }
}

/** Returns the end of an attempt whose result the server has refused. */
export function refusedEnd({ operation, attempt }: AttemptKey, code: string): EndMessage {
  const error = toOperationError(usageError(code, `The server refused the result of the work: ${code}.`));
  return { operation, attempt, outcome: "failed", error };
}

/** Logs the error in full and returns the failure as shown to clients. */
export function failedOutcome(attempt: Attempt, thrown: unknown): Outcome & { outcome: "failed" } {
  const error = toLoggedOperationError(attempt, thrown);
  const { operation, type, id, kind, attempt: number } = attempt.grant;
  const origin = originOf(thrown);
  const fields = { error: origin, operation, type, id, kind, attempt: number, code: error.code };
  attempt.log[levelOf(error, origin)](fields, "attempt failed");
  return { outcome: "failed", error };
}

/** Returns the error that the callback of a step has thrown, in place of the equal one that the step throws to the work. */
function originOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !isWorkError(thrown)) return thrown;
  return isWorkError(thrown.cause) && thrown.cause.message === thrown.message ? thrown.cause : thrown;
}

/** A permanent error without a cause ends the operation, and the server logs that with its code and detail. */
function levelOf({ code, retryable }: OperationError, origin: unknown): "error" | "warn" | "debug" {
  if (code === "internal") return "error";
  return retryable || (origin instanceof Error && origin.cause !== undefined) ? "warn" : "debug";
}

function thrownOutcome(attempt: Attempt, error: unknown): Outcome {
  if (attempt.aborted?.code === "handed-back") return { outcome: "handed-back" };
  if (attempt.aborted?.code === "cancelled" && isAbort(error, attempt.signal)) return { outcome: "cancelled" };
  return failedOutcome(attempt, error);
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    error === signal.reason ||
    (error instanceof Error && (error.name === "AbortError" || error.cause === signal.reason))
  );
}

async function succeededOutcome(attempt: Attempt, value: unknown): Promise<Outcome> {
  // A deleted resource has no details.
  if (attempt.grant.kind === "delete") return { outcome: "succeeded", details: "{}" };
  const label = isSettled(value) ? value.label : undefined;
  const { ready } = attempt.type.policy;
  if (label !== undefined && !ready.includes(label)) {
    return failedOutcome(
      attempt,
      usageError(
        "unknown-status",
        `settle(${JSON.stringify(label)}): not a ready label; use one of: ${ready.join(", ")}.`,
      ),
    );
  }
  const details = await checkedDetails(attempt, isSettled(value) ? value.details : value);
  if (typeof details !== "string") return failedOutcome(attempt, details);
  return { outcome: "succeeded", details, ...(label === undefined ? {} : { label }) };
}

/** Returns the details as JSON, or the error. */
async function checkedDetails({ type }: Attempt, value: unknown): Promise<string | Error> {
  const invalid = (why: string): Error =>
    usageError("invalid-details", `The work returned details that ${type.name} does not allow: ${why}.`);
  try {
    // Validate the JSON round trip, because that is what clients will see.
    const plain: unknown = JSON.parse(encodeJson(value, "details"));
    const validated = await validate(type.details.schema, plain);
    if (validated.issues !== undefined) {
      return invalid(
        validated.issues
          .map(({ pointer, detail }) => `${pointer === "" ? "details" : `details${pointer}`}: ${detail}`)
          .join("; "),
      );
    }
    const details = validated.value;
    if (!isJsonObject(details)) return invalid("details must be an object");
    const reserved = reservedField(details);
    if (reserved !== undefined) {
      return invalid(`details/${reserved} is reserved: every representation has this field; choose another name`);
    }
    return encodeJson(details, "details");
  } catch (error) {
    if (error instanceof NotJsonError) return invalid(error.message);
    return error instanceof Error ? error : invalid(String(error));
  }
}

/** Ends an attempt that only waits for children to be gone. */
export function waitingForChildren({ grant }: Attempt, receive: readonly string[]): Outcome {
  return { outcome: "waiting", receivedSeen: receivedSeen(grant), receive };
}

function receivedSeen({ received, children }: Grant): number {
  return Math.max(children?.seen ?? 0, ...received.map(({ position }) => position));
}

function waitingOutcome({ clock, grant }: Attempt, { waits }: Finish & { how: "idle" }): Outcome {
  const dueAt = Math.min(...waits.map((wait) => wait.dueAt ?? Infinity));
  const receive = [...new Set(waits.flatMap(({ message }) => message ?? []))];
  return {
    outcome: "waiting",
    receivedSeen: receivedSeen(grant),
    ...(dueAt === Infinity ? {} : { forMs: Math.max(0, Math.ceil(dueAt - clock.monotonic())) }),
    ...(receive.length === 0 ? {} : { receive }),
  };
}
