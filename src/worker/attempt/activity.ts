import type { Clock } from "../../core/scheduling/clock.ts";
import type { AttemptAbort } from "./abort.ts";

/** What a call of work waits for before it can go on. None of the two: for ever. */
export interface Wait {
  /** The instant on the monotonic clock at which it is over. */
  readonly dueAt?: number;
  /** The message that would end it, which only the next attempt can know: it lasts as long as this one. */
  readonly message?: string;
  /** Is soon over: the attempt stays for it. */
  readonly isShort?: boolean;
}

interface Pending extends Wait {
  readonly reject: (reason: AttemptAbort) => void;
  takeBack: () => void;
}

/**
 * How often the event loop turns, after the last sign of life, before work whose calls all wait is taken to be waiting itself.
 * Promises that follow from each other are through within one turn; the others are for platforms that take a turn in between.
 */
const QUIET_TURNS = 3;

/**
 * Knows what of an attempt is running and what is waiting. Work is quiet once none of its calls runs, at least one waits, and
 * nothing has happened for a few turns of the event loop. What work awaits besides its own calls cannot be seen.
 */
export class Activity {
  readonly #clock: Clock;
  readonly #onQuiet: () => void;
  readonly #waits = new Set<Pending>();
  #running = 0;
  #blocked = 0;
  #signs = 0;
  #isWatching = false;
  #isOver = false;
  readonly #idle: (() => void)[] = [];

  constructor(clock: Clock, onQuiet: () => void) {
    this.#clock = clock;
    this.#onQuiet = onQuiet;
  }

  get waits(): ReadonlySet<Wait> {
    return this.#waits;
  }

  /** Grows with everything that happens. */
  get signs(): number {
    return this.#signs;
  }

  begin(): void {
    this.#running++;
    this.#signs++;
  }

  end(): void {
    this.#running--;
    this.#signs++;
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
    this.#watch();
  }

  /** A call that will never be answered. */
  block(): void {
    this.#blocked++;
    this.#signs++;
    this.#watch();
  }

  /** Lets the running call rest until the wait is over. Rejects when the waits are aborted. */
  async wait(wait: Wait): Promise<void> {
    const isOver = wait.message === undefined && wait.dueAt !== undefined && wait.dueAt <= this.#clock.monotonic();
    if (isOver) return;
    await this.#rest(wait);
  }

  /** Every waiting call goes on with a rejection. */
  rejectWaits(reason: AttemptAbort): void {
    for (const pending of this.#waits) {
      pending.takeBack();
      this.begin();
      pending.reject(reason);
    }
    this.#waits.clear();
  }

  /** Resolves once no call runs. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Waits stay pending for ever, and none keeps a timer. */
  stop(): void {
    this.#isOver = true;
    for (const { takeBack } of this.#waits) takeBack();
    this.#waits.clear();
  }

  #rest(wait: Wait): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) return;
      const pending: Pending = { ...wait, reject, takeBack: () => {} };
      const over = (): void => {
        const restMs = (wait.dueAt ?? 0) - this.#clock.monotonic();
        // A timer may be a little early, or shorter than asked for.
        if (restMs > 1) {
          pending.takeBack = this.#clock.after(restMs, over);
          return;
        }
        this.#waits.delete(pending);
        this.begin();
        resolve();
      };
      if (wait.message === undefined && wait.dueAt !== undefined) {
        pending.takeBack = this.#clock.after(wait.dueAt - this.#clock.monotonic(), over);
      }
      this.#waits.add(pending);
      this.end();
    });
  }

  #watch(): void {
    if (this.#isWatching || this.#isOver || this.#waits.size + this.#blocked === 0) return;
    this.#isWatching = true;
    this.#turn(QUIET_TURNS, this.#signs);
  }

  #turn(left: number, signs: number): void {
    setImmediate(() => {
      if (this.#signs === signs && left > 1) {
        this.#turn(left - 1, signs);
        return;
      }
      this.#isWatching = false;
      if (this.#isOver || this.#running > 0) return;
      if (this.#signs === signs) this.#onQuiet();
      else this.#watch();
    });
  }
}
