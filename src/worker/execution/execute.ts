import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { EndMessage, ProgressMessage } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";
import { Attempt, type AttemptParts } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";
import { createObserved } from "../work/observed.ts";
import { createReceive } from "../work/receive.ts";
import { Reporter } from "../work/report.ts";
import { createSleep } from "../work/sleep.ts";
import { createStep } from "../work/step.ts";
import { createUntil } from "../work/until.ts";
import { createContext, decode, type Decoded } from "./context.ts";
import { failed, type Outcome, outcomeOf } from "./outcome.ts";
import { undo } from "./undo.ts";

/** An attempt under way, in this process or in another. */
export interface Running {
  /** How it ends; undefined where there is nothing to say, because it was over before. */
  readonly ended: Promise<EndMessage | undefined>;
  readonly abort: (code: AbortCode) => void;
  /** Sends the progress that is not sent yet. */
  readonly flush: () => Promise<void>;
  /** The progress that no answered beat has carried. */
  readonly unbeaten: () => ProgressMessage | undefined;
  readonly beaten: (sequence: number) => void;
}

/** Runs one attempt to its end. */
export function execute(parts: AttemptParts): Running {
  const { grant, link, clock } = parts;
  const attempt = new Attempt(parts);
  const reporter = new Reporter({ grant, clock, send: link.progress });
  return {
    ended: run(attempt, reporter).finally(() => {
      reporter.stop();
      attempt.close();
    }),
    abort: (code) => attempt.abort(code),
    flush: async () => reporter.sayNews(),
    unbeaten: () => reporter.unbeaten(),
    beaten: (sequence) => reporter.beaten(sequence),
  };
}

async function run(attempt: Attempt, reporter: Reporter): Promise<EndMessage | undefined> {
  let outcome: Outcome | undefined;
  try {
    outcome = await outcomeIn(attempt, reporter);
  } catch (error) {
    outcome = failed(attempt, error);
  }
  return outcome === undefined ? undefined : { ...attempt.key, ...outcome };
}

async function outcomeIn(attempt: Attempt, reporter: Reporter): Promise<Outcome | undefined> {
  const { grant, type } = attempt;
  const work = type.operations.get(grant.kind)?.work;
  if (work === undefined) throw misuse("undeclared-work", `${type.name} declares no work for ${grant.kind}.`);
  const decoded = decode(type, grant);
  attempt.after(grant.timeoutMs - attempt.heldMs, () => {
    attempt.abort("timed-out");
  });
  return grant.mode === "undo" ? undo(attempt, work, decoded) : forward(attempt, reporter, work, decoded);
}

/** Runs work from its beginning, over what is recorded, until it has settled or everything left of it waits. */
async function forward(
  attempt: Attempt,
  reporter: Reporter,
  work: ErasedWork,
  decoded: Decoded,
): Promise<Outcome | undefined> {
  reporter.mergeOnto(decoded.details);
  const context = createContext(attempt, decoded, {
    report: (report) => reporter.report(report),
    step: createStep(attempt, reporter),
    sleep: createSleep(attempt, reporter),
    until: createUntil(attempt, reporter),
    receive: createReceive(attempt, reporter),
    observed: createObserved(attempt, reporter),
  });
  attempt.run(() => work(context));
  const finish = await attempt.finished;
  await attempt.settled();
  const outcome = await outcomeOf(attempt, finish);
  if (outcome?.outcome === "waiting" || outcome?.outcome === "handed-back") reporter.sayNews();
  return outcome;
}
