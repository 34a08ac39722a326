import type { HistoryLine } from "afoot/client";

export type PhaseName = "queued" | "running" | "waiting" | "cancelling" | "undoing";

/** A period of an operation. */
export interface Phase {
  readonly name: PhaseName;
  /** Number of the try. A failed or lost attempt starts a new try, but a wait does not. */
  readonly attempt: number;
  readonly from: number;
  /** End of the phase. Undefined while it lasts. */
  readonly to: number | undefined;
}

export interface StepSpan {
  readonly step: string;
  readonly attempt: number;
  readonly state: "running" | "done" | "failed" | "undone";
  readonly from: number;
  readonly to: number | undefined;
}

/** An operation from its acceptance to its end. */
export interface OperationTimeline {
  readonly id: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number | undefined;
  readonly outcome: "succeeded" | "failed" | "cancelled" | undefined;
  readonly phases: readonly Phase[];
  readonly steps: readonly StepSpan[];
  readonly lines: readonly HistoryLine[];
}

/** Groups history lines by operation, the latest first. */
export function operationTimelines(lines: readonly HistoryLine[]): readonly OperationTimeline[] {
  const byOperation = Map.groupBy(lines, ({ operation }) => operation);
  return [...byOperation].map(([id, operationLines]) => toTimeline(id, operationLines)).toReversed();
}

/** Events that start another try. */
const RETRY_EVENTS: ReadonlySet<string> = new Set(["attempt-failed", "timed-out", "worker-lost"]);

/** Replaces the attempt of each line by the number of its try, because every wait increases the attempt. */
function numberTries(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  let attempt = 1;
  return lines.map((line) => {
    const operationLines = { ...line, attempt };
    if (RETRY_EVENTS.has(line.event)) attempt++;
    return operationLines;
  });
}

function toTimeline(id: string, lines: readonly HistoryLine[]): OperationTimeline {
  const tries = numberTries(lines);
  const from = Date.parse(lines[0]?.at ?? "");
  const end = lines.find(({ event }) => OUTCOMES.has(event));
  return {
    id,
    kind: lines[0]?.kind ?? "",
    from,
    to: end === undefined ? undefined : Date.parse(end.at),
    outcome: end === undefined ? undefined : OUTCOMES.get(end.event),
    phases: toPhases(tries),
    steps: toSteps(tries),
    lines,
  };
}

const OUTCOMES: ReadonlyMap<string, "succeeded" | "failed" | "cancelled"> = new Map([
  ["succeeded", "succeeded"],
  ["deleted", "succeeded"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

/** The phase that each event starts. Other events do not change the phase. */
const PHASES: Readonly<Record<string, PhaseName | undefined>> = {
  accepted: "queued",
  claimed: "running",
  waiting: "waiting",
  "attempt-failed": "queued",
  "timed-out": "queued",
  "worker-lost": "queued",
  "handed-back": "queued",
  "cancel-requested": "cancelling",
  "deadline-exceeded": "cancelling",
  undoing: "undoing",
};

function toPhases(lines: readonly HistoryLine[]): readonly Phase[] {
  const phases: Phase[] = [];
  let current: Omit<Phase, "to"> | undefined;
  for (const { event, at: text, attempt } of lines) {
    const at = Date.parse(text);
    const isEnd = OUTCOMES.has(event);
    const name = PHASES[event];
    // Further attempts at undoing stay in the same phase.
    if (!isEnd && (name === undefined || (current?.name === "undoing" && name !== "undoing"))) continue;
    if (current !== undefined) phases.push({ ...current, to: at });
    if (isEnd || name === undefined) return phases;
    current = { name, attempt, from: at };
  }
  return current === undefined ? phases : [...phases, { ...current, to: undefined }];
}

function toSteps(lines: readonly HistoryLine[]): readonly StepSpan[] {
  const steps: StepSpan[] = [];
  const startedAt = new Map<string, number>();
  // A step without a start event started at the end of the previous step.
  let previousEndAt = 0;
  for (const { event, at: text, step, attempt } of lines) {
    const at = Date.parse(text);
    if (event === "claimed" || event === "undoing") previousEndAt = at;
    if (step === undefined) continue;
    if (event === "step-started") {
      startedAt.set(step, at);
      continue;
    }
    const state = STEP_STATES[event];
    if (state === undefined) continue;
    steps.push({ step, attempt, state, from: startedAt.get(step) ?? previousEndAt, to: at });
    startedAt.delete(step);
    previousEndAt = at;
  }
  const attempt = lines.at(-1)?.attempt ?? 1;
  const isSettled = lines.some(({ event }) => OUTCOMES.has(event));
  const open = isSettled
    ? []
    : [...startedAt].map(([step, from]) => ({ step, attempt, state: "running" as const, from, to: undefined }));
  return [...steps, ...open];
}

const STEP_STATES: Readonly<Record<string, "done" | "failed" | "undone" | undefined>> = {
  "step-done": "done",
  "step-failed": "failed",
  "step-undone": "undone",
};
