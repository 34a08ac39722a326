import { eventChange, stampOf } from "../../core/change.ts";
import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import { MAX_CLOCK_DRIFT_MS } from "../../core/scheduling/clock-step.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";

export interface ReaperOptions {
  readonly store: Store;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  /** Maximum interval between two checks: new deadlines may have been set meanwhile. @default 5000 */
  readonly intervalMs?: number;
}

/** Maximum operations ended per check. The next check follows at once while there are more. */
const BATCH_SIZE = 200;

/** Ends operations that have exceeded a deadline or timeout, according to the store alone. */
export interface Reaper extends PeriodicTask {
  /** Checks now. Resolves to the number of operations that changed. */
  readonly reap: () => Promise<number>;
}

/**
 * Returns true if the clock of the store was set back and this process has not noticed yet. By its own clock, everything
 * looks overdue then.
 */
async function isOutdated({ sharing }: Pick<Store, "sharing">, at: number): Promise<boolean> {
  const shared = await sharing?.now();
  return shared !== undefined && at - shared > MAX_CLOCK_DRIFT_MS;
}

export function createReaper({ store, commit, clock, log, intervalMs = 5000 }: ReaperOptions): Reaper {
  const reap = async (): Promise<number> => {
    const at = clock.now();
    const overdue = await store.overdue(at, BATCH_SIZE);
    if (overdue.length === 0 || (await isOutdated(store, at))) return 0;
    const applied = await commit(
      overdue.map(({ resource, stepsNotUndone }) =>
        eventChange({ operation: resource.operation.id }, { event: "overdue", stepsNotUndone }, stampOf(clock, at)),
      ),
    );
    return applied.filter(({ outcome }) => outcome === "applied").length;
  };

  const runOnce = async (): Promise<number> => {
    try {
      const changed = await reap();
      const nextAt = await store.nextOverdueAt();
      // An overdue operation that did not change is not checked again before the usual interval.
      const isDue = nextAt !== undefined && (changed > 0 || nextAt > clock.now());
      return isDue ? Math.min(intervalMs, Math.max(0, nextAt - clock.now())) : intervalMs;
    } catch (error) {
      warnOfWrite(log, { error }, "failed to check deadlines; retrying");
      return intervalMs;
    }
  };

  return { reap, ...periodicTask(clock, runOnce) };
}
