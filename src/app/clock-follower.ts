import { uptime } from "node:os";
import type { Log } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import { type ClockReading, MAX_CLOCK_DRIFT_MS } from "../core/scheduling/clock-step.ts";
import { type Clock, systemClock } from "../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../core/scheduling/periodic-task.ts";
import type { SteadyClock } from "../core/scheduling/steady-clock.ts";
import { clockCheckedStore } from "../server/storage/clock-checked-store.ts";

export interface ClockFollowerParts {
  readonly store: Pick<Store, "adjustToClock" | "sharing">;
  /** The clock of the app. It runs evenly between two readings of the wall clock. */
  readonly clock: SteadyClock;
  /** The clock of the operating system. */
  readonly wallClock: Pick<Clock, "now" | "monotonic">;
  readonly log: Log;
  /** Time since the machine started, including times in which it was suspended. @default the one of the system */
  readonly uptimeMs?: () => number;
}

const CHECK_INTERVAL_MS = 5000;
/** Interval at which the instant is stored, from which the next start detects that the clock was set back. */
const SAVE_INTERVAL_MS = 15_000;
/** A reading that takes longer says too little about the present instant. */
const MAX_READING_MS = 1000;

/**
 * Keeps the app's clock at the wall clock: the one of the store if several processes share it, else the one of the
 * machine. If the wall clock is set, the store first moves everything in progress with it, so that nothing ends early
 * or waits longer.
 */
export class ClockFollower {
  readonly #parts: ClockFollowerParts;
  readonly #suspension: Suspension;
  readonly #task: PeriodicTask;
  #savedAt = Number.NEGATIVE_INFINITY;
  /** The sum of steps that the store has taken up to the clock of this process; undefined before its first reading. */
  #totalMs: number | undefined;
  /** The step back of the previous check. Writes that were in flight then had instants of the old clock. */
  #lastStepBack: { readonly byMs: number; readonly totalMs: number | undefined } | undefined;
  #comparing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(parts: ClockFollowerParts) {
    this.#parts = parts;
    this.#suspension = new Suspension(parts);
    this.#task = periodicTask(parts.clock, () => this.#runOnce(), CHECK_INTERVAL_MS);
  }

  /** Compares the store with the wall clock, and from then on regularly. */
  async start(): Promise<void> {
    const { clock, log } = this.#parts;
    await this.#logFailure(async () => {
      const at = await this.#readWallClock();
      if (at !== undefined) clock.set(at);
      const movedMs = await this.#save({ at: clock.now() });
      if (movedMs !== 0) logClockStep(log, movedMs);
    });
    this.#task.start();
  }

  /** Stores the last instant. */
  async stop(): Promise<void> {
    await this.#task.stop();
    const at = this.#parts.clock.now();
    // If this fails, the next start compares with an instant that is up to 15 s older.
    await this.#save(readingOf(at, at, this.#totalMs)).catch(() => {});
  }

  /** Compares the app's clock with the wall clock now. Concurrent calls share a comparison. */
  check(): Promise<void> {
    this.#comparing ??= this.#compare().finally(() => {
      this.#comparing = undefined;
    });
    return this.#comparing;
  }

  async #compare(): Promise<void> {
    const { clock, wallClock } = this.#parts;
    const at = await this.#readWallClock();
    if (at === undefined) return;
    const expectedAt = clock.now() + this.#suspension.sinceLastCheckMs();
    if (Math.abs(at - expectedAt) > MAX_CLOCK_DRIFT_MS) {
      await this.#step(at, expectedAt);
      return;
    }
    clock.set(at);
    const last = this.#lastStepBack;
    if (last !== undefined) await this.#save(readingOf(at, at - last.byMs, last.totalMs));
    this.#lastStepBack = undefined;
    if (wallClock.monotonic() - this.#savedAt >= SAVE_INTERVAL_MS) await this.#save(readingOf(at, at, this.#totalMs));
  }

  async #step(at: number, expectedAt: number): Promise<void> {
    const { clock, log } = this.#parts;
    const totalMs = this.#totalMs;
    const saved = this.#save(readingOf(at, expectedAt, totalMs));
    // At once, so that writes after this one have instants of the new clock.
    clock.set(at);
    try {
      await saved;
    } catch (error) {
      clock.set(clock.now() + expectedAt - at);
      throw error;
    }
    this.#lastStepBack = at < expectedAt ? { byMs: at - expectedAt, totalMs } : undefined;
    logClockStep(log, at - expectedAt);
  }

  async #save(reading: ClockReading): Promise<number> {
    const { movedMs, totalMs } = await this.#parts.store.adjustToClock(reading);
    this.#totalMs = totalMs;
    this.#savedAt = this.#parts.wallClock.monotonic();
    return movedMs;
  }

  /** Returns the present instant; undefined if the reading took too long. */
  async #readWallClock(): Promise<number | undefined> {
    const { store, wallClock } = this.#parts;
    if (store.sharing === undefined) return wallClock.now();
    const begunAt = wallClock.monotonic();
    const at = await store.sharing.now();
    const tookMs = wallClock.monotonic() - begunAt;
    return tookMs > MAX_READING_MS ? undefined : Math.round(at + tookMs / 2);
  }

  async #runOnce(): Promise<number> {
    await this.#logFailure(() => this.check());
    return CHECK_INTERVAL_MS;
  }

  async #logFailure(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.#hasFailed = false;
    } catch (error) {
      const { log } = this.#parts;
      if (!this.#hasFailed) log.warn({ error }, "failed to compare the store with the wall clock; retrying");
      this.#hasFailed = true;
    }
  }
}

/** Returns a reading, as the first one if the store has taken none of this process yet. */
function readingOf(at: number, expectedAt: number, totalMs: number | undefined): ClockReading {
  return totalMs === undefined ? { at } : { at, expectedAt, totalMs };
}

/** Creates the follower of an open store, and the store for everyone else, whose writes have instants of its clock. */
export function followClock({
  store,
  clock,
  log,
}: {
  readonly store: Store;
  readonly clock: SteadyClock;
  readonly log: Log;
}): {
  readonly follower: ClockFollower;
  readonly store: Store;
} {
  const follower = new ClockFollower({ store, clock, wallClock: systemClock, log });
  return { follower, store: clockCheckedStore(store, () => follower.check()) };
}

export function logClockStep(log: Log, byMs: number): void {
  const direction = byMs < 0 ? "back" : "forward";
  log.warn({ byMs }, `the wall clock was set ${direction}; moved the instants of everything in progress with it`);
}

/** Measures suspensions of the machine: time that passed while the monotonic clock stood still. */
class Suspension {
  readonly #uptimeMs: () => number;
  readonly #wallClock: ClockFollowerParts["wallClock"];
  #last: { readonly uptime: number; readonly monotonic: number };

  constructor({ wallClock, uptimeMs = () => uptime() * 1000 }: ClockFollowerParts) {
    this.#uptimeMs = uptimeMs;
    this.#wallClock = wallClock;
    this.#last = { uptime: uptimeMs(), monotonic: wallClock.monotonic() };
  }

  sinceLastCheckMs(): number {
    const present = { uptime: this.#uptimeMs(), monotonic: this.#wallClock.monotonic() };
    const suspendedMs = present.uptime - this.#last.uptime - (present.monotonic - this.#last.monotonic);
    this.#last = present;
    // The uptime has a coarser resolution than the clock.
    return suspendedMs > 1000 ? Math.round(suspendedMs) : 0;
  }
}
