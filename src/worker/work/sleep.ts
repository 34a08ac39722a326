import type { Attempt } from "../attempt/attempt.ts";
import { call } from "./call.ts";
import type { Reporter } from "./report.ts";
import { replay } from "./step.ts";
import { beginWait, checkDuration, MAX_SHORT_WAIT_MS, warnIfPastDeadline } from "./waits.ts";

/** Pauses the work without occupying a worker, across restarts. */
export type Sleep = (name: string, ms: number) => Promise<void>;

export function createSleep(attempt: Attempt, reporter: Reporter): Sleep {
  return (name, ms) =>
    call(attempt, name, async (record) => {
      checkDuration(`sleep ${JSON.stringify(name)}`, ms);
      if (record !== undefined && record.state !== "started") {
        await replay(attempt, record);
        return;
      }
      if (record === undefined) reporter.leaveReplay();
      if (record === undefined) warnIfPastDeadline(attempt, `sleep ${JSON.stringify(name)}`, ms);
      const isShort = record === undefined && ms <= MAX_SHORT_WAIT_MS;
      const dueAt = isShort ? attempt.clock.monotonic() + ms : await beginWait(attempt, name, ms, record);
      await attempt.activity.wait({ dueAt, isShort: dueAt - attempt.clock.monotonic() <= MAX_SHORT_WAIT_MS });
      reporter.leaveReplay();
      await attempt.record({ step: name, state: "done", undo: false });
    });
}
