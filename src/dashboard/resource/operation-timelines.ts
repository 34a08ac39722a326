import type { HistoryLine } from "afoot/client";

export type PhaseName = "queued" | "running" | "waiting" | "cancelling" | "undoing";

/** A stretch of an operation's time. */
export interface Phase {
  readonly name: PhaseName;
  /** 1 until an attempt has failed or was lost; waits begin another attempt, but no other try. */
  readonly attempt: number;
  readonly from: number;
  /** Undefined while it lasts. */
  readonly to: number | undefined;
}

export interface StepSpan {
  readonly step: string;
  readonly attempt: number;
  readonly state: "running" | "done" | "failed" | "undone";
  readonly from: number;
  readonly to: number | undefined;
}

/** One operation from its acceptance to its end. */
export interface OperationCourse {
  readonly id: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number | undefined;
  readonly outcome: "succeeded" | "failed" | "cancelled" | undefined;
  readonly phases: readonly Phase[];
  readonly steps: readonly StepSpan[];
  readonly lines: readonly HistoryLine[];
}

/** Operations by their timeline, the latest first. */
export function coursesOf(lines: readonly HistoryLine[]): readonly OperationCourse[] {
  const byOperation = Map.groupBy(lines, ({ operation }) => operation);
  return [...byOperation].map(([id, own]) => courseOf(id, own)).toReversed();
}

/** Events after which an operation is tried once more. */
const FAILURES: ReadonlySet<string> = new Set(["attempt-failed", "timed-out", "worker-lost"]);

/** Lines with the number of the try in the place of the attempt's, which grows with each wait. */
function byTry(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  let attempt = 1;
  return lines.map((line) => {
    const own = { ...line, attempt };
    if (FAILURES.has(line.event)) attempt++;
    return own;
  });
}

function courseOf(id: string, lines: readonly HistoryLine[]): OperationCourse {
  const tries = byTry(lines);
  const from = Date.parse(lines[0]?.at ?? "");
  const end = lines.find(({ event }) => OUTCOMES.has(event));
  return {
    id,
    kind: lines[0]?.kind ?? "",
    from,
    to: end === undefined ? undefined : Date.parse(end.at),
    outcome: end === undefined ? undefined : OUTCOMES.get(end.event),
    phases: phasesOf(tries),
    steps: stepsOf(tries),
    lines,
  };
}

const OUTCOMES: ReadonlyMap<string, "succeeded" | "failed" | "cancelled"> = new Map([
  ["succeeded", "succeeded"],
  ["deleted", "succeeded"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

/** What an operation is in once this has happened; nothing for what changes no phase. */
const PHASES: Readonly<Record<string, PhaseName | undefined>> = {
  accepted: "queued",
  claimed: "running",
  waiting: "waiting",
  "attempt-failed": "queued",
  "timed-out": "queued",
  "worker-lost": "queued",
  "handed-back": "queued",
  "cancel-asked": "cancelling",
  "deadline-exceeded": "cancelling",
  undoing: "undoing",
};

function phasesOf(lines: readonly HistoryLine[]): readonly Phase[] {
  const phases: Phase[] = [];
  let current: Omit<Phase, "to"> | undefined;
  for (const { event, at: text, attempt } of lines) {
    const at = Date.parse(text);
    const isEnd = OUTCOMES.has(event);
    const name = PHASES[event];
    // Another attempt at undoing is undoing.
    if (!isEnd && (name === undefined || (current?.name === "undoing" && name !== "undoing"))) continue;
    if (current !== undefined) phases.push({ ...current, to: at });
    if (isEnd || name === undefined) return phases;
    current = { name, attempt, from: at };
  }
  return current === undefined ? phases : [...phases, { ...current, to: undefined }];
}

function stepsOf(lines: readonly HistoryLine[]): readonly StepSpan[] {
  const steps: StepSpan[] = [];
  const begun = new Map<string, number>();
  // A step that says nothing at its beginning began where the one before had ended.
  let freeAt = 0;
  for (const { event, at: text, step, attempt } of lines) {
    const at = Date.parse(text);
    if (event === "claimed" || event === "undoing") freeAt = at;
    if (step === undefined) continue;
    if (event === "step-started") {
      begun.set(step, at);
      continue;
    }
    const state = STEP_STATES[event];
    if (state === undefined) continue;
    steps.push({ step, attempt, state, from: begun.get(step) ?? freeAt, to: at });
    begun.delete(step);
    freeAt = at;
  }
  const attempt = lines.at(-1)?.attempt ?? 1;
  const isOver = lines.some(({ event }) => OUTCOMES.has(event));
  const open = isOver
    ? []
    : [...begun].map(([step, from]) => ({ step, attempt, state: "running" as const, from, to: undefined }));
  return [...steps, ...open];
}

const STEP_STATES: Readonly<Record<string, "done" | "failed" | "undone" | undefined>> = {
  "step-done": "done",
  "step-failed": "failed",
  "step-undone": "undone",
};
