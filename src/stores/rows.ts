import type { IdempotentReply } from "../core/change.ts";
import type { HistoryEntry, HistoryEventName } from "../core/history.ts";
import type { Policies } from "../core/policy.ts";
import type { SettledCount, SettledPoint } from "../core/ports/statistics.ts";
import type { SequencedHistoryEntry, StoredType } from "../core/ports/store.ts";
import type { ReceivedMessage, StepRecord } from "../core/resource.ts";
import { errorOf, fieldPathsOf } from "./json-columns.ts";
import { type ColumnValue, number, type RowValues, text, textOrNull, flag, jsonOrNull } from "./values.ts";

/** The columns of a history entry except its resource and sequence number, in the order of {@link historyValues}. */
export const HISTORY_COLUMNS = ["at", "event", "operation", "kind", "attempt", "status", "step", "error"] as const;

export function historyValues(entry: HistoryEntry): ColumnValue[] {
  const { at, event, operation, kind, attempt, status, step, error } = entry;
  const errorText = error === undefined ? null : JSON.stringify(error);
  return [at, event, operation, kind, attempt, status ?? null, step ?? null, errorText];
}

/**
 * Converts a row to a history entry. The row contains the sequence number, then the columns of {@link HISTORY_COLUMNS}.
 */
export function entryOf(row: RowValues): SequencedHistoryEntry {
  const [sequence, at, event, operation, kind, attempt, statusText, stepText, errorText] = row;
  const status = textOrNull(statusText);
  const step = textOrNull(stepText);
  const error = errorOf(errorText);
  return {
    sequence: number(sequence),
    at: number(at),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only entries of the core are written; a later version may define more of them
    event: text(event) as HistoryEventName,
    operation: text(operation),
    kind: text(kind),
    attempt: number(attempt),
    ...(status === null ? {} : { status }),
    ...(step === null ? {} : { step }),
    ...(error === null ? {} : { error }),
  };
}

/** The columns of a received message except its resource and root, in the order of {@link messageValues}. */
export const MESSAGE_COLUMNS = ["id", "name", "value", "position", "at"] as const;

export function messageValues({ id, name, value, position, at }: ReceivedMessage): ColumnValue[] {
  return [id, name, value, position, at];
}

export function messageOf([id, name, value, position, at]: RowValues): ReceivedMessage {
  return { id: text(id), name: text(name), value: text(value), position: number(position), at: number(at) };
}

/** The columns of a step record except the root of its operation, in the order of {@link recordValues}. */
export const RECORD_COLUMNS = ["step", "state", "result", "error", "undo", "position", "generation", "at"] as const;

export function recordValues(record: StepRecord): ColumnValue[] {
  const { step, state, result, error, undo, position, generation, at } = record;
  return [step, state, result, jsonOrNull(error), undo ? 1 : 0, position, generation, at];
}

export function recordOf([step, state, result, error, undo, position, generation, at]: RowValues): StepRecord {
  return {
    step: text(step),
    state: stateOf(state),
    result: textOrNull(result),
    error: errorOf(error),
    undo: flag(undo),
    position: number(position),
    generation: number(generation),
    at: number(at),
  };
}

const STATES: ReadonlyMap<unknown, StepRecord["state"]> = new Map(
  (["started", "done", "failed", "undone"] as const).map((state) => [state, state]),
);

function stateOf(value: unknown): StepRecord["state"] {
  const state = STATES.get(value);
  if (state === undefined) throw new TypeError(`records.state: ${JSON.stringify(value)} is not a state of a step`);
  return state;
}

/** The columns of a reply to an Idempotency-Key except its instant, in the order of {@link replyValues}. */
export const REPLY_COLUMNS = ["principal", "key", "fingerprint", "status", "location", "body"] as const;

export function replyValues({ principal, key, fingerprint, status, location, body }: IdempotentReply): ColumnValue[] {
  return [principal, key, fingerprint, status, location, body];
}

export function replyOf([principal, key, fingerprint, status, location, body]: RowValues): IdempotentReply {
  return {
    principal: text(principal),
    key: text(key),
    fingerprint: text(fingerprint),
    status: number(status),
    location: text(location),
    body: text(body),
  };
}

/** The columns of {@link settledValues}. All except the last form the key. */
export const SETTLED_COLUMNS = ["period_ms", "at", "type", "kind", "outcome", "bucket", "count"] as const;

export function settledValues(count: SettledCount): readonly (string | number)[] {
  return [count.periodMs, count.at, count.type, count.kind, count.outcome, count.bucket, count.count];
}

export function settledPointOf([at, outcome, bucket, count]: RowValues): SettledPoint {
  return { at: number(at), outcome: outcomeOf(outcome), bucket: number(bucket), count: number(count) };
}

function outcomeOf(value: unknown): SettledCount["outcome"] {
  if (value === "succeeded" || value === "failed" || value === "cancelled") return value;
  throw new TypeError(`settled.outcome: ${JSON.stringify(value)} is not an outcome of an operation`);
}

/** Returns the rows of the table `types`: the name, and the redacted fields as JSON. */
export function typeRows(policies: Policies): (readonly [type: string, redact: string])[] {
  return [...policies.values()].map(({ type, redact }) => [type, JSON.stringify(redact)]);
}

/** Converts a row of a type that has resources. A type without a row in `types` redacts nothing. */
export function storedTypeOf([type, redact]: RowValues): StoredType {
  return { name: text(type), redact: redact === null || redact === undefined ? [] : fieldPathsOf(text(redact)) };
}
