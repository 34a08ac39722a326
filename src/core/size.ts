import type { ReceivedMessage, StepRecord } from "./resource.ts";
import type { Turn } from "./turn.ts";

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

/** Whether an operation would hold too much. What makes it smaller is always taken, also when a deploy has lowered the limit. */
export function exceeds({ operation, policy }: Turn, bytes: number): boolean {
  return bytes > policy.maxBytes && bytes > operation.bytes;
}
