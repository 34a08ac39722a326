import { uptime } from "node:os";
import { StoreUnavailableError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import { MAX_CLOCK_DRIFT_MS } from "../core/scheduling/clock-step.ts";
import { type Clock, systemClock } from "../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../core/scheduling/periodic-task.ts";
import type { SteadyClock } from "../core/scheduling/steady-clock.ts";
import { guardedStore } from "../server/storage/guarded-store.ts";

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
/** A reading that takes longer says too little about the present instant to set the clock. */
const MAX_READING_MS = 1000;
/** Age of a comparison after which another one is due before the next write: the process was probably suspended. */
const MAX_AGE_MS = 10_000;
/** Time after a step back in which other processes may still write instants of the old clock. */
const FOLLOW_UP_MS = 15_000;

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
  #comparedAt = Number.NEGATIVE_INFINITY;
  #comparing: Promise<void> | undefined;
  /** Number of steps that were detected. */
  #steps = 0;
  /** A recent step back. Writes that were in flight then had instants of the old clock. */
  #stepBack: { readonly byMs: number; readonly at: number } | undefined;
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
      const reading = await this.#readWallClock();
      if (reading.tookMs <= MAX_READING_MS) clock.set(reading.at);
      const movedMs = await this.#save({ at: clock.now() });
      this.#comparedAt = reading.begunAt;
      if (movedMs !== 0) logClockStep(log, movedMs);
    });
    this.#task.start();
  }

  /** Stores the last instant. */
  async stop(): Promise<void> {
    await this.#task.stop();
    const at = this.#parts.clock.now();
    // If this fails, the next start compares with an instant that is up to 15 s older.
    await this.#save({ at, expectedAt: at }).catch(() => {});
  }

  /** Compares the app's clock with the wall clock now. */
  check(): Promise<void> {
    this.#comparing ??= this.#compare().finally(() => {
      this.#comparing = undefined;
    });
    return this.#comparing;
  }

  /**
   * Compares the clock first if the last comparison is too old for a write: the clock may have been set while the
   * process was suspended, and if the process crashed before the next comparison, nothing would move what it wrote.
   * Undefined if a write may begin at once.
   *
   * @throws StoreUnavailableError if the clock was set: the write has instants of the old clock
   */
  beforeWrite(): Promise<void> | undefined {
    return this.#isOld() ? this.#compareForWrite() : undefined;
  }

  #isOld(): boolean {
    return this.#parts.wallClock.monotonic() - this.#comparedAt >= MAX_AGE_MS;
  }

  async #compareForWrite(): Promise<void> {
    const steps = this.#steps;
    await this.check();
    // The comparison may have begun before the suspension.
    if (this.#isOld()) await this.check();
    if (this.#steps !== steps) {
      throw new StoreUnavailableError("The wall clock was set while this process was suspended; repeat the request");
    }
  }

  async #compare(): Promise<void> {
    const { clock, wallClock } = this.#parts;
    const { at, begunAt, tookMs } = await this.#readWallClock();
    const expectedAt = clock.now() + this.#suspension.sinceLastCheckMs();
    await this.#followUp(at);
    if (Math.abs(at - expectedAt) > MAX_CLOCK_DRIFT_MS + tookMs) {
      await this.#step(at, expectedAt);
    } else if (tookMs <= MAX_READING_MS) {
      clock.set(at);
      if (wallClock.monotonic() - this.#savedAt >= SAVE_INTERVAL_MS) await this.#save({ at, expectedAt: at });
    }
    this.#comparedAt = begunAt;
  }

  /** Moves what was written with instants of the old clock since the store was moved. */
  async #followUp(at: number): Promise<void> {
    if (this.#stepBack === undefined) return;
    const { byMs, at: steppedAt } = this.#stepBack;
    await this.#save({ at, expectedAt: at - byMs });
    if (this.#parts.wallClock.monotonic() - steppedAt >= FOLLOW_UP_MS) this.#stepBack = undefined;
  }

  async #step(at: number, expectedAt: number): Promise<void> {
    const { clock, wallClock, log } = this.#parts;
    const saved = this.#save({ at, expectedAt });
    this.#steps++;
    // At once, so that writes after this one have instants of the new clock.
    clock.set(at);
    try {
      await saved;
    } catch (error) {
      clock.set(clock.now() + expectedAt - at);
      throw error;
    }
    this.#stepBack = at < expectedAt ? { byMs: at - expectedAt, at: wallClock.monotonic() } : undefined;
    logClockStep(log, at - expectedAt);
  }

  async #save(reading: Parameters<Store["adjustToClock"]>[0]): Promise<number> {
    const movedMs = await this.#parts.store.adjustToClock(reading);
    this.#savedAt = this.#parts.wallClock.monotonic();
    return movedMs;
  }

  /** Reads the present instant. It is exact to half of the time that the reading took. */
  async #readWallClock(): Promise<{ readonly at: number; readonly begunAt: number; readonly tookMs: number }> {
    const { store, wallClock } = this.#parts;
    const begunAt = wallClock.monotonic();
    if (store.sharing === undefined) return { at: wallClock.now(), begunAt, tookMs: 0 };
    const at = await store.sharing.now();
    const tookMs = wallClock.monotonic() - begunAt;
    return { at: Math.round(at + tookMs / 2), begunAt, tookMs };
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

/** Creates the follower of an open store, and the store whose writes wait for its comparisons. */
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
  return { follower, store: guardedStore(store, () => follower.beforeWrite()) };
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
    return suspendedMs > 1000 ? suspendedMs : 0;
  }
}
