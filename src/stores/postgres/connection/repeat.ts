import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { Fault } from "./faults.ts";

export interface RepeatOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long what failed for the way to the database is tried again before the caller is told. @default 1000 */
  readonly lostMs?: number;
}

/** Runs what may be repeated as it is, and repeats it where that may help. */
export type Repeat = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** How often a race may be lost: each time another transaction has won it. What loses on, collides with what is stored. */
const RACES = 5;

const FIRST_PAUSE_MS = 20;

export function createRepeat({ clock, lostMs = 1000 }: RepeatOptions): Repeat {
  return async (run) => {
    const until = clock.monotonic() + lostMs;
    let races = 0;
    for (let pauseMs = 0; ; pauseMs = Math.max(FIRST_PAUSE_MS, pauseMs * 2)) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        const again =
          error.kind === "race" ? ++races < RACES : error.kind === "lost" && clock.monotonic() + pauseMs < until;
        if (!again) throw error;
        // At first at once: of a server that was restarted the pool may still hold an old connection. Then by a timer that, unlike the
        // clock's, keeps the process alive: somebody waits for the answer.
        if (error.kind === "lost" && pauseMs > 0) await pause(pauseMs);
      }
    }
  };
}
