import { isJsonObject } from "../../core/json/json.ts";
import { validate } from "../../core/json/schema.ts";
import type { AttemptKey, EndMessage } from "../../core/ports/messages.ts";
import { isSettled } from "../../core/settle.ts";
import { TIMED_OUT } from "../../core/state-machine/settling.ts";
import type { Attempt, Finish } from "../attempt/attempt.ts";
import { misuse, operationErrorOf } from "../attempt/failure.ts";
import { stringify } from "../work/json-result.ts";
import { reservedField } from "../work/report-check.ts";

/** How an attempt ends, without its key. */
export type Outcome = EndMessage extends infer Message
  ? Message extends AttemptKey
    ? Omit<Message, keyof AttemptKey>
    : never
  : never;

/** Decides how an attempt ends. Undefined: it is over already, and there is nothing to say. */
export async function outcomeOf(attempt: Attempt, finish: Finish): Promise<Outcome | undefined> {
  const { aborted } = attempt;
  switch (aborted?.code) {
    case "attempt-over":
      return undefined;
    case "timed-out":
      return { outcome: "failed", error: TIMED_OUT };
    case "work-fault":
      return failed(attempt, aborted.cause);
    default:
      return attempt.doom === undefined ? finishedOutcome(attempt, finish) : failed(attempt, attempt.doom);
  }
}

async function finishedOutcome(attempt: Attempt, finish: Finish): Promise<Outcome> {
  switch (finish.how) {
    case "returned":
      return succeeded(attempt, finish.value);
    case "threw":
      return threw(attempt, finish.error);
    case "given-up":
      return { outcome: "handed-back" };
    case "quiet":
      return attempt.aborted?.code === "waiting" ? waiting(attempt, finish) : { outcome: "handed-back" };
  }
}

/** Ends as failed, and logs what the client is not shown. */
export function failed(attempt: Attempt, thrown: unknown): Outcome & { outcome: "failed" } {
  const error = operationErrorOf(thrown);
  const { operation, type, id, kind, attempt: number } = attempt.grant;
  const level = error.code === "internal" ? "error" : "warn";
  attempt.log[level](
    { error: thrown, operation, type, id, kind, attempt: number, code: error.code },
    "an attempt failed",
  );
  return { outcome: "failed", error };
}

function threw(attempt: Attempt, error: unknown): Outcome {
  if (attempt.aborted?.code === "handed-back") return { outcome: "handed-back" };
  if (attempt.aborted?.code === "cancelled" && isAbort(error, attempt.signal)) return { outcome: "cancelled" };
  return failed(attempt, error);
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    error === signal.reason ||
    (error instanceof Error && (error.name === "AbortError" || error.cause === signal.reason))
  );
}

async function succeeded(attempt: Attempt, value: unknown): Promise<Outcome> {
  // A deleted resource has no details.
  if (attempt.grant.kind === "delete") return { outcome: "succeeded", details: "{}" };
  const label = isSettled(value) ? value.label : undefined;
  const { ready } = attempt.type.policy;
  if (label !== undefined && !ready.includes(label)) {
    return failed(
      attempt,
      misuse("unknown-status", `settle(${JSON.stringify(label)}): not a ready label; these are: ${ready.join(", ")}.`),
    );
  }
  const details = await checkedDetails(attempt, isSettled(value) ? value.details : value);
  if (typeof details !== "string") return failed(attempt, details);
  return { outcome: "succeeded", details, ...(label === undefined ? {} : { label }) };
}

/** Gives the details as JSON, or what is wrong with them. */
async function checkedDetails({ type }: Attempt, value: unknown): Promise<string | Error> {
  const invalid = (why: string): Error =>
    misuse("invalid-details", `The work returned details that ${type.name} does not allow: ${why}.`);
  try {
    // What JSON makes of it is what clients will see, so that is what the schema is asked about.
    const plain: unknown = JSON.parse(stringify(value, invalid));
    const validated = await validate(type.details.schema, plain);
    if (validated.issues !== undefined) {
      return invalid(
        validated.issues
          .map(({ pointer, detail }) => `${pointer === "" ? "details" : `details${pointer}`}: ${detail}`)
          .join("; "),
      );
    }
    const details = validated.value;
    if (!isJsonObject(details)) return invalid("they are not an object");
    const reserved = reservedField(details);
    if (reserved !== undefined) return invalid(`details/${reserved}: every representation has a field of this name`);
    return stringify(details, invalid);
  } catch (error) {
    return error instanceof Error ? error : invalid(String(error));
  }
}

function waiting({ clock, grant }: Attempt, { waits }: Finish & { how: "quiet" }): Outcome {
  const dueAt = Math.min(...waits.map((wait) => wait.dueAt ?? Infinity));
  const receive = [...new Set(waits.flatMap(({ message }) => message ?? []))];
  return {
    outcome: "waiting",
    receivedSeen: Math.max(0, ...grant.received.map(({ position }) => position)),
    ...(dueAt === Infinity ? {} : { forMs: Math.max(0, Math.ceil(dueAt - clock.monotonic())) }),
    ...(receive.length === 0 ? {} : { receive }),
  };
}
