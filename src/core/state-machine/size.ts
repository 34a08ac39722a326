import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";
import type { TransitionContext } from "./transition-context.ts";

/** What a record or a message takes in a claim's reply beside its texts: so that many small ones are bounded too. */
const ENVELOPE = 128;

/** What a record takes of its operation's bytes. */
export function recordSize({ step, result, error }: StepRecord): number {
  return ENVELOPE + step.length + (result?.length ?? 0) + errorSize(error);
}

/** The part of a record's size that goes when failed records are cleared: one with an undo falls back to started. */
export function clearedSize(record: StepRecord): number {
  if (record.state !== "failed") return 0;
  return record.undo ? errorSize(record.error) : recordSize(record);
}

export function messageSize({ id, name, value }: Pick<ReceivedMessage, "id" | "name" | "value">): number {
  return ENVELOPE + id.length + name.length + value.length;
}

function errorSize(error: StepRecord["error"]): number {
  return error === null ? 0 : JSON.stringify(error).length;
}

/** How much the grants of one claim hold together, in characters of JSON. One that holds more is granted alone. */
const REPLY_MOST = 8_388_608;

/** Adds up what the reply to a claim holds, so that it is bounded however many places a worker has. */
export class ReplySize {
  #sum = 0;

  /** Whether a row may be granted beside those that were. What does not fit stays due, for the next claim. */
  fits(resource: Resource): boolean {
    return this.#sum === 0 || this.#sum + grantSize(resource) <= REPLY_MOST;
  }

  add(resource: Resource): void {
    this.#sum += grantSize(resource);
  }
}

/** What a grant takes, its records and messages included. */
function grantSize({ configuration, details, operation }: Resource): number {
  const before = operation.kind === "create" ? 0 : configuration.length;
  const { bytes, input } = operation;
  return ENVELOPE + bytes + before + operation.configuration.length + details.length + (input?.length ?? 0);
}

/** Whether an operation would hold too much. What makes it smaller is always taken, also when a deploy has lowered the limit. */
export function exceeds({ operation, policy }: TransitionContext, bytes: number): boolean {
  return bytes > policy.maxBytes && bytes > operation.bytes;
}
