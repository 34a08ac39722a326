import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";
import type { TransitionContext } from "./transition-context.ts";

/**
 * Size of a record or a message in a claim's reply in addition to its texts, so that many small ones are limited, too.
 */
const ENVELOPE_CHARACTERS = 128;

/** Returns the part of an operation's `bytes` that a record takes. */
export function recordSize({ step, result, error }: StepRecord): number {
  return ENVELOPE_CHARACTERS + step.length + (result?.length ?? 0) + errorSize(error);
}

/**
 * Returns the part of a record's size that is freed when failed records are cleared. A record with an undo returns to
 * started.
 */
export function clearedSize(record: StepRecord): number {
  if (record.state !== "failed") return 0;
  return record.undo ? errorSize(record.error) : recordSize(record);
}

export function messageSize({ id, name, value }: Pick<ReceivedMessage, "id" | "name" | "value">): number {
  return ENVELOPE_CHARACTERS + id.length + name.length + value.length;
}

function errorSize(error: StepRecord["error"]): number {
  return error === null ? 0 : JSON.stringify(error).length;
}

/** Maximum size of all grants of one claim, in characters of JSON. A larger grant is granted alone. */
const MAX_REPLY_CHARACTERS = 8_388_608;

/** The size of the reply to a claim. It limits the reply whatever number of free slots a worker has. */
export class ReplySize {
  #sum = 0;

  /** Returns true if a row fits into the reply. Other rows stay due, for the next claim. */
  fits(resource: Resource): boolean {
    return this.#sum === 0 || this.#sum + grantSize(resource) <= MAX_REPLY_CHARACTERS;
  }

  add(resource: Resource): void {
    this.#sum += grantSize(resource);
  }
}

/** Returns the size of a grant, records and messages included. */
function grantSize({ configuration, details, operation }: Resource): number {
  const before = operation.kind === "create" ? 0 : configuration.length;
  const { bytes, input, principal } = operation;
  const asked = operation.configuration.length + (input?.length ?? 0) + (principal?.length ?? 0);
  return ENVELOPE_CHARACTERS + bytes + before + asked + details.length;
}

/**
 * Returns true if an operation would become too large. A change that shrinks it passes even if a deploy has lowered the
 * limit.
 */
export function exceedsMaxBytes({ operation, policy }: TransitionContext, bytes: number): boolean {
  return bytes > policy.maxBytes && bytes > operation.bytes;
}
