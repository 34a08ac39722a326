import type { StepRecord } from "../../core/resource.ts";
import type { StepOptions, StepRun } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { toLoggedOperationError, toOperationError, toWorkError } from "../attempt/failure.ts";
import { instrumented } from "../attempt/instrumented.ts";
import { call } from "./call.ts";
import { decodeResult, encodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { idempotencyKey } from "./step-name.ts";
import { tryStep } from "./step-try.ts";

/** The function of a step. */
export type StepFunction = (run: StepRun) => unknown;

/** Runs one part of the work, unless it is recorded. */
export type Step = (name: string, run: StepFunction, options?: StepOptions<unknown>) => Promise<unknown>;

export function createStep(attempt: Attempt, reporter: Reporter): Step {
  return (name, run, options = {}) =>
    call(attempt, name, async (record) => {
      if (record !== undefined && record.state !== "started") return replay(attempt, record);
      reporter.leaveReplay();
      return runStep(attempt, name, { run, options, isStarted: record !== undefined });
    });
}

/** Returns the recorded outcome, in the order of the commits. */
export async function replay(attempt: Attempt, record: StepRecord): Promise<unknown> {
  await attempt.replayOrder.wait(record);
  if (record.state === "failed") throw toWorkError(record.error ?? toOperationError(undefined));
  return decodeResult(record.result);
}

interface NewStep {
  readonly run: StepFunction;
  readonly options: StepOptions<unknown>;
  /** True if an earlier attempt has committed the start. */
  readonly isStarted: boolean;
}

async function runStep(attempt: Attempt, name: string, { run, options, isStarted }: NewStep): Promise<unknown> {
  const undo = options.undo !== undefined;
  if (undo && !isStarted) {
    await attempt.record({ step: name, state: "started", undo });
    if (attempt.aborted !== undefined && !attempt.isStopping) throw attempt.aborted;
  }
  const key = idempotencyKey(attempt.grant.root, name, attempt.generationOf(name));
  const result = await recordFailure(attempt, name, undo, () =>
    instrumented(attempt, "step", name, () =>
      tryStep(attempt, { name, key, options, run: async (given) => encodeResult(name, await run(given)) }),
    ),
  );
  await attempt.record({ step: name, state: "done", undo, ...(result === undefined ? {} : { result }) });
  return decodeResult(result);
}

/**
 * Commits a failure, so that later attempts get the same one, and throws it as a replay would. An error caused by an abort is not
 * recorded; the step stays as it is.
 */
export async function recordFailure<Result>(
  attempt: Attempt,
  name: string,
  undo: boolean,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (attempt.aborted !== undefined) throw cause;
    const error = toLoggedOperationError(attempt, cause);
    await attempt.record({ step: name, state: "failed", error, undo });
    throw toWorkError(error, cause);
  }
}
