import { isInProgress } from "../../core/operation.ts";
import { UnawaitedError } from "../../worker/attempt/failure.ts";
import type { Report } from "./finding.ts";
import type { FinishedRun } from "./run-once.ts";

/** Error codes that are findings of the same name. */
const USAGE_CODES: ReadonlySet<string> = new Set(
  "invalid-details invalid-duration invalid-step-name nothing-observed operation-too-large step-in-step step-name-used step-result-not-json unknown-message unknown-status".split(
    " ",
  ),
);

/** Reports errors of wrong use, and rejections that the work never awaits. */
export function reportErrors({ history, thrown }: FinishedRun, report: Report): void {
  const failed = history.filter(({ error }) => error !== undefined && error !== null);
  for (const code of new Set(failed.map(({ error }) => error?.code ?? ""))) {
    const entries = failed.filter(({ error }) => error?.code === code);
    const { step, error } = entries.find((entry) => entry.step !== undefined) ?? entries[0] ?? {};
    const isUnreachable = code === "undo-incomplete" && entries.some(({ event }) => event === "undo-failed");
    if (USAGE_CODES.has(code)) report(code, step, error?.detail ?? "");
    else if (isUnreachable) report("replay-differs", step, error?.detail ?? "");
  }
  const unawaited = thrown.find((error) => error instanceof UnawaitedError);
  if (unawaited !== undefined) report("unawaited-rejection", undefined, `${unawaited.message} Await every call.`);
}

/**
 * Reports a run without a fault that does not end by itself, or not as the work intends.
 *
 * @returns true if further runs make no sense
 */
export function reportBaseline({ resource, records, thrown }: FinishedRun, report: Report): boolean {
  const { error, operation } = resource;
  const isTimeout = error?.code === "deadline-exceeded" || error?.code === "timed-out";
  if (isInProgress(operation) || isTimeout) {
    const pending = records.find(({ state }) => state === "started")?.step;
    const problem = `The operation does not end within ${operation.attempt} attempts, or not before its deadline. Send the messages that it waits for, and limit waits by timeoutMs.`;
    report("never-settles", pending, problem);
  } else if (error?.code === "internal" && !(thrown.at(-1) instanceof UnawaitedError)) {
    const problem = `The work fails: ${String(thrown.at(-1))}. Throw a PermanentError or WorkError for an expected failure.`;
    report("unexpected-error", undefined, problem);
  }
  return isInProgress(operation) || isTimeout || error?.code === "internal";
}
