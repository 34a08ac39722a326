import type { Clock } from "./clock.ts";

/** A clock whose instants follow the monotonic clock, so that they never jump unless they are set. */
export interface SteadyClock extends Clock {
  /** Sets the present instant. */
  set(at: number): void;
}

/** Creates a clock that shows the present instant of `source`, and from then on runs evenly. */
export function steadyClock(source: Clock): SteadyClock {
  let anchor = { at: source.now(), monotonic: source.monotonic() };
  return {
    now: () => Math.floor(anchor.at + source.monotonic() - anchor.monotonic),
    monotonic: () => source.monotonic(),
    random: () => source.random(),
    after: (ms, callback) => source.after(ms, callback),
    set(at) {
      anchor = { at, monotonic: source.monotonic() };
    },
  };
}
