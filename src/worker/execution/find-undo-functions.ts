import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { UndoRun } from "../../core/work.ts";
import { AttemptAbort } from "../attempt/abort.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { Mailbox } from "../attempt/mailbox.ts";
import { call } from "../work/call.ts";
import { endless, OBSERVED } from "../work/observed.ts";
import { checkReport } from "../work/report-check.ts";
import { replayed, type Step } from "../work/step.ts";
import { createContext } from "./context.ts";
import type { Decoded } from "./context.ts";

/** The undo function of a step, as the work of today declares it. */
export type Met = (run: UndoRun<unknown>) => unknown;

/** How long a replay that has come to a standstill is waited for: what it awaits besides its calls cannot be seen. */
const STANDSTILL_MS = 5000;

/**
 * Runs work over what is recorded, to come by the undo functions of the steps that are owed one. Nothing new runs: a step without
 * a record is never answered.
 */
export async function meet(
  attempt: Attempt,
  work: ErasedWork,
  decoded: Decoded,
  owed: readonly StepRecord[],
): Promise<ReadonlyMap<string, Met>> {
  const met = new Map<string, Met>();
  if (owed.length === 0) return met;
  const left = new Set(owed.map(({ step }) => step));
  const isMet = (step: string, undoStep: Met): void => {
    if (!left.delete(step)) return;
    met.set(step, undoStep);
    if (left.size === 0) attempt.finish({ how: "quiet", waits: [] });
  };
  attempt.onQuiet = () => {
    const { signs } = attempt.activity;
    attempt.after(STANDSTILL_MS, () => {
      if (attempt.activity.signs === signs) attempt.finish({ how: "quiet", waits: [] });
    });
  };
  const context = createContext(attempt, decoded, replayCalls(attempt, isMet));
  attempt.run(() => work(context));
  await attempt.finished;
  attempt.onQuiet = () => {};
  attempt.freeze(new AttemptAbort("replay-over"));
  return met;
}

function replayCalls(
  attempt: Attempt,
  isMet: (step: string, undoStep: Met) => void,
): Parameters<typeof createContext>[2] {
  const mailbox = new Mailbox(attempt.grant);
  const recorded = async (record: StepRecord | undefined): Promise<unknown> => {
    if (record !== undefined && record.state !== "started") return replayed(attempt, record);
    await attempt.activity.wait({});
    return undefined;
  };
  const step: Step = (name, _run, options = {}) =>
    call(attempt, name, async (record) => {
      if (record !== undefined && options.undo !== undefined) isMet(name, options.undo);
      return recorded(record);
    });
  return {
    report: (report) => {
      checkReport(report);
    },
    step,
    sleep: (name) =>
      call(attempt, name, async (record) => {
        await recorded(record);
      }),
    until: (name) => call(attempt, name, recorded),
    receive: (name) =>
      call(attempt, mailbox.stepOf(name), async (record) => {
        await recorded(record);
        return mailbox.recordedValue(record?.result ?? null);
      }),
    observed: () => call(attempt, OBSERVED, () => endless(attempt)),
  };
}
