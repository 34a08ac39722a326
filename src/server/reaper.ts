import type { EventChange } from "../core/change.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Store } from "../core/store.ts";
import type { Commit } from "./commit.ts";

export interface ReaperOptions {
  readonly store: Store;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks at least: deadlines may have been set since. @default 5000 */
  readonly everyMs?: number;
}

/** How many operations one look ends at most; more of them are looked at again at once. */
const LIMIT = 200;

/** Ends what is past its limits, from the store alone. */
export interface Reaper {
  /** Looks now. Gives how many operations it has ended. */
  readonly reap: () => Promise<number>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export function createReaper({ store, commit, clock, log, everyMs = 5000 }: ReaperOptions): Reaper {
  let cancelTimer: (() => void) | undefined;
  let looking: Promise<void> | undefined;
  let isStopped = true;

  const reap = async (): Promise<number> => {
    const at = clock.now();
    const overdue = await store.overdue(at, LIMIT);
    if (overdue.length === 0) return 0;
    const applied = await commit(
      overdue.map(
        ({ resource, left }): EventChange => ({
          change: "event",
          target: { operation: resource.operation.id },
          event: { event: "overdue", left },
          at,
          random: clock.random(),
        }),
      ),
    );
    return applied.filter(({ outcome }) => outcome === "applied").length;
  };

  const look = async (): Promise<void> => {
    let waitMs = everyMs;
    try {
      const ended = await reap();
      const nextAt = await store.nextOverdueAt();
      // What was overdue and would not end is not looked at again before the usual pause.
      if (nextAt !== undefined && (ended > 0 || nextAt > clock.now())) waitMs = Math.min(everyMs, Math.max(0, nextAt - clock.now()));
    } catch (error) {
      log.warn({ error }, "the reaper could not reach the store; it looks again");
    }
    looking = undefined;
    if (!isStopped) cancelTimer = clock.after(waitMs, begin);
  };

  const begin = (): void => {
    looking = look();
  };

  return {
    reap,
    start() {
      isStopped = false;
      begin();
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await looking;
    },
  };
}
