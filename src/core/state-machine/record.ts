import type { ChangeResult } from "../change.ts";
import type { AttemptEvent } from "../events.ts";
import type { HistoryEventName } from "../history.ts";
import type { StepRecord } from "../resource.ts";
import { clearedSize, exceedsMaxBytes, recordSize } from "./size.ts";
import { dropped, historyEntry, refused, type TransitionContext, unchanged } from "./transition-context.ts";

type Recorded = Extract<AttemptEvent, { event: "recorded" }>;

const HISTORY_EVENTS: Readonly<Record<StepRecord["state"], HistoryEventName>> = {
  started: "step-started",
  done: "step-done",
  failed: "step-failed",
  undone: "step-undone",
};

/** The states that may follow the present state of a step's record. Any other state is a repetition. */
const NEXT_STATES: Readonly<Record<StepRecord["state"] | "none", ReadonlySet<StepRecord["state"]>>> = {
  none: new Set(["started", "done", "failed"]),
  started: new Set(["done", "failed", "undone"]),
  done: new Set(["undone"]),
  failed: new Set(["done", "undone"]),
  undone: new Set(["started", "done", "failed"]),
};

/** Replaces the record of a step, and updates the operation's counts. */
export function applyRecord(context: TransitionContext, event: Recorded): ChangeResult {
  const { operation, resource, record: before, at } = context;
  // The command is all that the message contains.
  if (event.child?.command === "delete") return unchanged(context);
  if ((event.state === "undone") !== (operation.state === "undoing")) return dropped(context);
  if (!NEXT_STATES[before?.state ?? "none"].has(event.state)) return unchanged(context);
  const after = nextRecord(context, event);
  const changeOf = (count: (record: StepRecord) => number): number =>
    count(after) - (before === undefined ? 0 : count(before));
  const bytes = operation.bytes + changeOf(recordSize);
  if (exceedsMaxBytes(context, bytes)) return refused(context, "operation-too-large");
  return {
    outcome: "applied",
    resource: {
      ...resource,
      operation: {
        ...operation,
        bytes,
        failedBytes: operation.failedBytes + changeOf(clearedSize),
        steps: Math.max(operation.steps, after.position),
        undoable: operation.undoable + changeOf((each) => (each.undo && each.state !== "undone" ? 1 : 0)),
        ...(event.state === "done" ? { lastStep: event.step, lastStepAt: at } : {}),
      },
    },
    history: [
      historyEntry(context, HISTORY_EVENTS[event.state], {
        step: event.step,
        ...(event.error === undefined ? {} : { error: event.error }),
      }),
    ],
    record: after,
  };
}

function nextRecord({ operation, record: before, at }: TransitionContext, event: Recorded): StepRecord {
  // An undone step counts as not recorded: if it runs again, it gets the last position and a new idempotency key.
  const fresh = before === undefined || before.state === "undone";
  return {
    step: event.step,
    state: event.state,
    // The record of a started wait holds its duration.
    result: event.state === "done" || event.state === "started" ? (event.result ?? null) : null,
    error: event.state === "failed" ? (event.error ?? null) : null,
    undo: fresh ? event.undo : before.undo,
    position: fresh ? operation.steps + 1 : before.position,
    generation: (before?.generation ?? 0) + (event.state === "undone" ? 1 : 0),
    at,
  };
}
