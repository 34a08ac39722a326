import type { StepRecord } from "../../core/resource.ts";
import type { StepOptions, StepRun } from "../../core/work.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { errorOf, operationErrorOf } from "../attempt/failure.ts";
import { measured } from "../attempt/measured.ts";
import { call } from "./call.ts";
import { decodeResult, encodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { idempotencyKey } from "./step-name.ts";
import { tryStep } from "./step-try.ts";

/** What a step runs. */
export type StepFunction = (run: StepRun) => unknown;

/** Runs one part of work, unless it is recorded. */
export type Step = (name: string, run: StepFunction, options?: StepOptions<unknown>) => Promise<unknown>;

export function createStep(attempt: Attempt, reporter: Reporter): Step {
  return (name, run, options = {}) =>
    call(attempt, name, async (record) => {
      if (record !== undefined && record.state !== "started") return replayed(attempt, record);
      reporter.goOn();
      return runStep(attempt, name, { run, options, isStarted: record !== undefined });
    });
}

/** Gives what is recorded, in its turn. */
export async function replayed(attempt: Attempt, record: StepRecord): Promise<unknown> {
  await attempt.replays.turnOf(record);
  if (record.state === "failed") throw errorOf(record.error ?? operationErrorOf(undefined));
  return decodeResult(record.result);
}

interface NewStep {
  readonly run: StepFunction;
  readonly options: StepOptions<unknown>;
  /** Committed as started by an earlier attempt. */
  readonly isStarted: boolean;
}

async function runStep(attempt: Attempt, name: string, { run, options, isStarted }: NewStep): Promise<unknown> {
  const undo = options.undo !== undefined;
  if (undo && !isStarted) {
    await attempt.record({ step: name, state: "started", undo });
    if (attempt.aborted !== undefined) throw attempt.aborted;
  }
  const key = idempotencyKey(attempt.grant.root, name, attempt.generationOf(name));
  const result = await recordFailure(attempt, name, undo, () =>
    measured(attempt, "step", name, () =>
      tryStep(attempt, { name, key, options, run: async (given) => encodeResult(name, await run(given)) }),
    ),
  );
  await attempt.record({ step: name, state: "done", undo, ...(result === undefined ? {} : { result }) });
  return decodeResult(result);
}

/**
 * Commits a failure, so that a later attempt comes to it the same way, and throws it as a replay would. What an abort has brought
 * about is no outcome: the step stays as it is.
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
    const error = operationErrorOf(cause);
    await attempt.record({ step: name, state: "failed", error, undo });
    throw errorOf(error, cause);
  }
}
