import { isDeepStrictEqual } from "node:util";
import type { Effect, EffectState } from "./effects.ts";
import type { Report } from "./finding.ts";
import type { FinishedRun } from "./run-once.ts";

/** Compares a run with a crash with the run without a fault. */
export function judgeCrash(run: FinishedRun, baseline: FinishedRun, report: Report): void {
  // A second success means that the first one was lost.
  const [first, second] = run.ends.flatMap((end) =>
    end.outcome === "succeeded" ? `${end.label ?? ""}${end.details}` : [],
  );
  if (second !== undefined && first !== second) {
    const problem = `The work returns ${second} after ${first}, over the same results of steps. Compute in a step what depends on time, randomness or state that a step changes.`;
    report("replay-differs", undefined, problem);
  }
  const [ended, expected] = [outcomeOf(run), outcomeOf(baseline)];
  // The type allows only this many lost workers.
  if (run.resource.error?.code === "worker-lost") return;
  if (ended !== expected) {
    report("outcome-differs", undefined, `The operation ends as ${ended} instead of ${expected}. Repeat steps safely.`);
  } else if (run.resource.operation.state === "succeeded") {
    compareEffects(run.after, baseline.after, report);
  }
}

function outcomeOf({ resource: { status, error } }: FinishedRun): string {
  return error === null ? status : `${status} (${error.code})`;
}

function compareEffects(after: EffectState, expected: EffectState, report: Report): void {
  for (const { effect, step } of expected.standing) {
    const isMissing = after.standing.every((each) => each.effect !== effect || each.step !== step);
    if (isMissing) report("effect-missing", step, `"${effect}" is not performed. Perform it in every attempt.`);
  }
  const changed = changedState(expected, after);
  if (changed !== undefined) report("effect-repeated", undefined, `${changed} Pass the step's idempotencyKey.`);
}

/** Reports work that catches the error of a cancel, and returns as if it had done everything. */
export function judgeCancel({ resource, records }: FinishedRun, baseline: FinishedRun, report: Report): void {
  const missing = baseline.records.find(({ step }) => records.every((each) => each.step !== step))?.step;
  if (resource.operation.state !== "succeeded" || missing === undefined) return;
  const problem =
    "After a cancel the work returns without this step, so the resource succeeds. Throw what a call throws.";
  report("cancel-ignored", missing, problem);
}

/** Reports effects that are left, or not restored, after a cancel or a failure. Nothing brings back what a delete has removed. */
export function judgeUndo(
  run: FinishedRun,
  hasFinding: (...kinds: readonly string[]) => boolean,
  report: Report,
): void {
  const { before, after, plan, records, resource } = run;
  const { state, kind } = resource.operation;
  if (kind === "delete" || (state !== "cancelled" && state !== "failed")) return;
  if (plan.isCrashOfUndo === true && hasFinding("undo-does-not-restore", "undo-needs-result")) return;
  const latest = plan.step ?? records.at(-1)?.step;
  for (const { effect, key, step } of withoutEffects(after, before)) {
    report(kindOf(run, step), step, `"${effect}" with the key "${key}" is left. Revert it in the undo of its step.`);
  }
  for (const { effect, key } of withoutEffects(before, after)) {
    const problem = `"${effect}" with the key "${key}" existed before, and is gone. Perform it again in the undo.`;
    report(kindOf(run, latest), latest, problem);
  }
  const changed = changedState(before, after);
  if (changed === undefined || hasFinding("undo-does-not-restore", "effect-without-undo")) return;
  report(kindOf(run, latest), latest, `${changed} Restore it in the undo of the step.`);
}

function kindOf({ plan, records, undoneWithoutResult }: FinishedRun, step = ""): string {
  if (records.find((each) => each.step === step)?.undo !== true) return "effect-without-undo";
  if (undoneWithoutResult.has(step)) return "undo-needs-result";
  return plan.isCrashOfUndo === true ? "undo-repeats" : "undo-does-not-restore";
}

function withoutEffects({ standing }: EffectState, others: EffectState): readonly Effect[] {
  return standing.filter(
    ({ effect, key }) => !others.standing.some((each) => each.effect === effect && each.key === key),
  );
}

function changedState({ watched: from }: EffectState, { watched }: EffectState): string | undefined {
  const [name] = [...watched].find(([key, state]) => !isDeepStrictEqual(state, from.get(key))) ?? [];
  if (name === undefined) return undefined;
  return `"${name}" is ${JSON.stringify(watched.get(name))} instead of ${JSON.stringify(from.get(name))}.`;
}
