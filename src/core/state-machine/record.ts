import type { ChangeResult } from "../change.ts";
import type { AttemptEvent } from "../events.ts";
import type { HistoryEventName } from "../history.ts";
import type { StepRecord } from "../resource.ts";
import { clearedSize, exceeds, recordSize } from "./size.ts";
import { dropped, historyEntry, refused, type TransitionContext, unchanged } from "./transition-context.ts";

type Recorded = Extract<AttemptEvent, { event: "recorded" }>;

const NAMES: Readonly<Record<StepRecord["state"], HistoryEventName>> = {
  started: "step-started",
  done: "step-done",
  failed: "step-failed",
  undone: "step-undone",
};

/** Which states a step's record may go to from the one it has; anything else is a repetition. */
const FOLLOWS: Readonly<Record<StepRecord["state"] | "none", ReadonlySet<StepRecord["state"]>>> = {
  none: new Set(["started", "done", "failed"]),
  started: new Set(["done", "failed", "undone"]),
  done: new Set(["undone"]),
  failed: new Set(["done", "undone"]),
  undone: new Set(["started", "done", "failed"]),
};

/** Writes what a step came to over its record, and keeps the operation's counts of it. */
export function record(turn: TransitionContext, event: Recorded): ChangeResult {
  const { operation, resource, record: before, at } = turn;
  if ((event.state === "undone") !== (operation.state === "undoing")) return dropped(turn);
  if (!FOLLOWS[before?.state ?? "none"].has(event.state)) return unchanged(turn);
  const after = written(turn, event);
  const changeOf = (count: (record: StepRecord) => number): number =>
    count(after) - (before === undefined ? 0 : count(before));
  const bytes = operation.bytes + changeOf(recordSize);
  if (exceeds(turn, bytes)) return refused(turn, "operation-too-large");
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
      historyEntry(turn, NAMES[event.state], {
        step: event.step,
        ...(event.error === undefined ? {} : { error: event.error }),
      }),
    ],
    record: after,
  };
}

function written({ operation, record: before, at }: TransitionContext, event: Recorded): StepRecord {
  // An undone step is no record: run again, it stands at the end and under a key of its own.
  const fresh = before === undefined || before.state === "undone";
  return {
    step: event.step,
    state: event.state,
    // A wait is started with how long it takes.
    result: event.state === "done" || event.state === "started" ? (event.result ?? null) : null,
    error: event.state === "failed" ? (event.error ?? null) : null,
    undo: fresh ? event.undo : before.undo,
    position: fresh ? operation.steps + 1 : before.position,
    generation: (before?.generation ?? 0) + (event.state === "undone" ? 1 : 0),
    at,
  };
}
