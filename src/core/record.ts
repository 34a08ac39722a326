import type { AttemptEvent } from "./events.ts";
import type { Folded } from "./change.ts";
import type { HistoryEventName } from "./history.ts";
import type { StepRecord } from "./resource.ts";
import { dropped, entry, refused, type Turn } from "./turn.ts";

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
export function record(turn: Turn, event: Recorded): Folded {
  const { operation, resource, record: before, policy, at } = turn;
  if ((event.state === "undone") !== (operation.state === "undoing")) return dropped(turn);
  if (!FOLLOWS[before?.state ?? "none"].has(event.state)) return { outcome: "unchanged", resource, history: [] };
  const bytes = operation.bytes + (event.result?.length ?? 0) - (before?.result?.length ?? 0);
  if (bytes > policy.maxBytes) return refused(turn, "operation-too-large");
  const fresh = before === undefined || before.state === "undone";
  const position = fresh ? operation.steps + 1 : before.position;
  const undo = fresh ? event.undo : before.undo;
  const counted = (fresh && undo ? 1 : 0) - (event.state === "undone" && undo ? 1 : 0);
  const generation = (before?.generation ?? 0) + (event.state === "undone" ? 1 : 0);
  return {
    outcome: "applied",
    resource: {
      ...resource,
      operation: {
        ...operation,
        bytes,
        steps: Math.max(operation.steps, position),
        undoable: operation.undoable + counted,
        ...(event.state === "done" ? { lastStep: event.step, lastStepAt: at } : {}),
      },
    },
    history: [entry(turn, NAMES[event.state], { step: event.step, ...(event.error === undefined ? {} : { error: event.error }) })],
    record: {
      step: event.step,
      state: event.state,
      result: event.result ?? null,
      error: event.error ?? null,
      undo,
      position,
      generation,
      at,
    },
  };
}
