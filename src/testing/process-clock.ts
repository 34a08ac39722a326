import type { Clock } from "../core/scheduling/clock.ts";

/** The clock of one process, whose timers are cancelled when the process dies. */
export interface DisposableClock {
  readonly clock: Clock;
  readonly dispose: () => void;
}

export function disposableClock(clock: Clock): DisposableClock {
  const timers = new Set<() => void>();
  return {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      random: () => clock.random(),
      after(ms, callback) {
        const cancelTimer = clock.after(ms, () => {
          timers.delete(cancel);
          callback();
        });
        const cancel = (): void => {
          timers.delete(cancel);
          cancelTimer();
        };
        timers.add(cancel);
        return cancel;
      },
    },
    dispose() {
      for (const cancel of timers) cancel();
    },
  };
}
