import type { Clock } from "../core/scheduling/clock.ts";

/** A clock of one process: when that dies, so do its timers. */
export interface MortalClock {
  readonly clock: Clock;
  readonly die: () => void;
}

export function mortalClock(clock: Clock): MortalClock {
  const timers = new Set<() => void>();
  return {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      random: () => clock.random(),
      after(ms, callback) {
        const takeBack = clock.after(ms, () => {
          timers.delete(forget);
          callback();
        });
        const forget = (): void => {
          timers.delete(forget);
          takeBack();
        };
        timers.add(forget);
        return forget;
      },
    },
    die() {
      for (const forget of timers) forget();
    },
  };
}
