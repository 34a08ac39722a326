import type { EventChange } from "../../core/change.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";

export interface ReaperOptions {
  readonly store: Store;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks at least: deadlines may have been set since. @default 5000 */
  readonly everyMs?: number;
}

/** How many operations one look ends at most; it looks again at once while there are more. */
const LIMIT = 200;

/** Ends what is past its limits, from the store alone. */
export interface Reaper extends Recurring {
  /** Looks now. Gives how many operations it has moved on. */
  readonly reap: () => Promise<number>;
}

export function createReaper({ store, commit, clock, log, everyMs = 5000 }: ReaperOptions): Reaper {
  const reap = async (): Promise<number> => {
    const at = clock.now();
    const overdue = await store.overdue(at, LIMIT);
    if (overdue.length === 0) return 0;
    const applied = await commit(
      overdue.map(({ resource, left }): EventChange => ({
        change: "event",
        target: { operation: resource.operation.id },
        event: { event: "overdue", left },
        at,
        random: clock.random(),
      })),
    );
    return applied.filter(({ outcome }) => outcome === "applied").length;
  };

  const turn = async (): Promise<number> => {
    try {
      const moved = await reap();
      const nextAt = await store.nextOverdueAt();
      // What was overdue and would not move is not looked at again before the usual pause.
      const isDue = nextAt !== undefined && (moved > 0 || nextAt > clock.now());
      return isDue ? Math.min(everyMs, Math.max(0, nextAt - clock.now())) : everyMs;
    } catch (error) {
      log.warn({ error }, "the reaper could not reach the store; it looks again");
      return everyMs;
    }
  };

  return { reap, ...recurring(clock, turn) };
}
