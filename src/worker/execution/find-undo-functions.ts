import type { ErasedWork } from "../../core/definition/resource-type.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { UndoRun } from "../../core/work.ts";
import { AttemptAbort } from "../attempt/abort.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { Mailbox } from "../attempt/mailbox.ts";
import { replayChildCalls } from "../children/child-calls.ts";
import { call } from "../work/call.ts";
import { waitUntilAborted, OBSERVED } from "../work/observed.ts";
import { replay, type Step } from "../work/step.ts";
import { createContext } from "./context.ts";
import type { Decoded } from "./context.ts";

/** The undo function of a step, as the current work declares it. */
export type UndoFunction = (run: UndoRun<unknown>) => unknown;

/** Time after which an idle replay counts as stalled. Anything that it awaits besides its calls is invisible. */
const STALL_MS = 5000;

/**
 * Replays the work to collect the undo functions of `stepsToUndo`. Nothing new runs: a step without a record never resolves.
 */
export async function findUndoFunctions(
  attempt: Attempt,
  work: ErasedWork,
  decoded: Decoded,
  stepsToUndo: readonly StepRecord[],
): Promise<ReadonlyMap<string, UndoFunction>> {
  const found = new Map<string, UndoFunction>();
  if (stepsToUndo.length === 0) return found;
  const missing = new Set(stepsToUndo.map(({ step }) => step));
  const onFound = (step: string, undoStep: UndoFunction): void => {
    if (!missing.delete(step)) return;
    found.set(step, undoStep);
    if (missing.size === 0) attempt.finish({ how: "idle", waits: [] });
  };
  attempt.onIdle = () => {
    const { ticks } = attempt.activity;
    attempt.after(STALL_MS, () => {
      if (attempt.activity.ticks === ticks) attempt.finish({ how: "idle", waits: [] });
    });
  };
  const context = createContext(attempt, decoded, replayCalls(attempt, onFound));
  attempt.run(() => work(context));
  await attempt.finished;
  attempt.onIdle = () => {};
  attempt.suspend(new AttemptAbort("replay-ended"));
  return found;
}

function replayCalls(
  attempt: Attempt,
  onFound: (step: string, undoStep: UndoFunction) => void,
): Parameters<typeof createContext>[2] {
  const mailbox = new Mailbox(attempt.grant);
  const recorded = async (record: StepRecord | undefined): Promise<unknown> => {
    if (record !== undefined && record.state !== "started") return replay(attempt, record);
    await attempt.activity.wait({});
    return undefined;
  };
  const step: Step = (name, _run, options = {}) =>
    call(attempt, name, async (record) => {
      if (record !== undefined && options.undo !== undefined) onFound(name, options.undo);
      return recorded(record);
    });
  return {
    report: () => {},
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
    ...replayChildCalls(attempt, recorded),
    observed: () => call(attempt, OBSERVED, () => waitUntilAborted(attempt)),
  };
}
