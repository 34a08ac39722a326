import type { Attempt } from "../attempt/attempt.ts";
import { call } from "./call.ts";
import type { Reporter } from "./report.ts";
import { replayed } from "./step.ts";
import { beginWait, checkDuration, SHORT_MS } from "./waits.ts";

/** Pauses work without holding a worker, over restarts. */
export type Sleep = (name: string, ms: number) => Promise<void>;

export function createSleep(attempt: Attempt, reporter: Reporter): Sleep {
  return (name, ms) =>
    call(attempt, name, async (record) => {
      checkDuration(`sleep ${JSON.stringify(name)}`, ms);
      if (record !== undefined && record.state !== "started") {
        await replayed(attempt, record);
        return;
      }
      if (record === undefined) reporter.goOn();
      const isShort = record === undefined && ms <= SHORT_MS;
      const dueAt = isShort ? attempt.clock.monotonic() + ms : await beginWait(attempt, name, ms, record);
      await attempt.activity.wait({ dueAt, isShort: dueAt - attempt.clock.monotonic() <= SHORT_MS });
      reporter.goOn();
      await attempt.record({ step: name, state: "done", undo: false });
    });
}
