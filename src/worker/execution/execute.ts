import { setImmediate } from "node:timers/promises";
import { isWork } from "../../core/definition/declared-operation.ts";
import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { EndMessage, ProgressMessage } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";
import { Attempt, type AttemptParts } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";
import { createChildCalls } from "../children/child-calls.ts";
import { createObserved } from "../work/observed.ts";
import { createReceive } from "../work/receive.ts";
import { Reporter } from "../work/report.ts";
import { createSleep } from "../work/sleep.ts";
import { createStep } from "../work/step.ts";
import { createUntil } from "../work/until.ts";
import { createContext, decode, type Decoded } from "./context.ts";
import { failedOutcome, type Outcome, outcomeOf } from "./outcome.ts";
import { deleteWithChildren } from "./remove-children.ts";
import { undoSteps } from "./undo.ts";

/** A running attempt, in this process or in another. */
export interface RunningAttempt {
  /** The end message; undefined if there is nothing to report, because the server has ended the attempt. */
  readonly ended: Promise<EndMessage | undefined>;
  readonly abort: (code: AbortCode) => void;
  /** Aborts the signal of the work because the worker is stopping. The work may still finish. */
  readonly requestHandBack: () => void;
  /** Sends unsent progress. */
  readonly flush: () => Promise<void>;
  /** Returns the progress that no answered heartbeat has carried. */
  readonly unacknowledged: () => ProgressMessage | undefined;
  readonly acknowledge: (sequence: number) => void;
}

/** Runs one attempt to its end. */
export function execute(parts: AttemptParts): RunningAttempt {
  const { grant, link, clock } = parts;
  const attempt = new Attempt(parts);
  const reporter = new Reporter({ grant, type: parts.type, clock, log: parts.log, send: link.progress });
  return {
    ended: run(attempt, reporter).finally(() => {
      reporter.stop();
      attempt.close();
    }),
    abort: (code) => attempt.abort(code),
    requestHandBack: () => attempt.requestHandBack(),
    flush: async () => reporter.flushUnlessReplaying(),
    unacknowledged: () => reporter.unacknowledged(),
    acknowledge: (sequence) => reporter.acknowledge(sequence),
  };
}

async function run(attempt: Attempt, reporter: Reporter): Promise<EndMessage | undefined> {
  let outcome: Outcome | undefined;
  try {
    outcome = await outcomeOfMode(attempt, reporter);
  } catch (error) {
    outcome = failedOutcome(attempt, error);
  }
  return outcome === undefined ? undefined : { ...attempt.key, ...outcome };
}

async function outcomeOfMode(attempt: Attempt, reporter: Reporter): Promise<Outcome | undefined> {
  const { grant, type } = attempt;
  const work = type.operations.get(grant.kind)?.work;
  if (!isWork(work)) throw usageError("undeclared-work", `${type.name} declares no work for ${grant.kind}.`);
  const decoded = decode(type, grant);
  attempt.after(grant.timeoutMs - attempt.sinceGrantMs, () => {
    attempt.abort("timed-out");
  });
  if (grant.mode === "undo") return undoSteps(attempt, work, decoded);
  const runWork = (): Promise<Outcome | undefined> => runForward(attempt, reporter, work, decoded);
  return grant.kind === "delete" ? deleteWithChildren(attempt, runWork) : runWork();
}

/** Runs the work from its beginning, replaying records, until it ends or all of its calls wait. */
async function runForward(
  attempt: Attempt,
  reporter: Reporter,
  work: ErasedWork,
  decoded: Decoded,
): Promise<Outcome | undefined> {
  const { grant } = attempt;
  reporter.setBaseDetails(decoded.details);
  const context = createContext(attempt, decoded, {
    report: (report) => reporter.report(report),
    step: createStep(attempt, reporter),
    sleep: createSleep(attempt, reporter),
    until: createUntil(attempt, reporter),
    receive: createReceive(attempt, reporter),
    observed: createObserved(attempt, reporter),
    ...createChildCalls(attempt, reporter),
  });
  attempt.run(() => work(context));
  const finish = await attempt.finished;
  await attempt.callsFinished();
  // Node reports unhandled rejections at the end of the event-loop tick.
  if (finish.how === "returned") await setImmediate();
  const outcome = await outcomeOf(attempt, finish);
  // Work that waits has replayed everything.
  if (outcome?.outcome === "waiting" && grant.children !== undefined) reporter.leaveReplay();
  if (outcome?.outcome === "waiting" || outcome?.outcome === "handed-back") reporter.flushUnlessReplaying();
  return outcome;
}
