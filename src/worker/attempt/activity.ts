import type { Clock } from "../../core/scheduling/clock.ts";
import type { AttemptAbort } from "./abort.ts";

/** The condition that ends a wait. Without `dueAt` and `message` it never ends. */
export interface Wait {
  /** End of the wait on the monotonic clock. */
  readonly dueAt?: number;
  /** Name of the message that ends the wait. Only the next attempt gets it, so the wait lasts as long as this attempt. */
  readonly message?: string;
  /** True if the wait ends so soon that the attempt stays active. */
  readonly isShort?: boolean;
}

interface PendingWait extends Wait {
  readonly reject: (reason: AttemptAbort) => void;
  cancelTimer: () => void;
}

/**
 * Number of event-loop ticks without activity after which work whose calls all wait counts as waiting itself. A promise chain
 * settles within one tick; the further ticks are for platform APIs that need one in between.
 */
const IDLE_TICKS = 3;

/**
 * Tracks the running and the waiting calls of an attempt. The work is idle once no call runs, at least one waits, and nothing has
 * happened for a few event-loop ticks. Anything else that the work awaits is invisible here.
 */
export class Activity {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  readonly #waits = new Set<PendingWait>();
  #running = 0;
  #blocked = 0;
  #ticks = 0;
  #isWatching = false;
  #isStopped = false;
  readonly #whenFinished: (() => void)[] = [];

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  get waits(): ReadonlySet<Wait> {
    return this.#waits;
  }

  /** True while a call runs that does not wait. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Counter of all activity. */
  get ticks(): number {
    return this.#ticks;
  }

  begin(): void {
    this.#running++;
    this.#ticks++;
  }

  end(): void {
    this.#running--;
    this.#ticks++;
    if (this.#running > 0) return;
    for (const resolve of this.#whenFinished.splice(0)) resolve();
    this.#watchForIdle();
  }

  /** Registers a call that never resolves. */
  block(): void {
    this.#blocked++;
    this.#ticks++;
    this.#watchForIdle();
  }

  /** Suspends the running call until the wait ends. Rejects when the waits are aborted. */
  async wait(wait: Wait): Promise<void> {
    const hasElapsed = wait.message === undefined && wait.dueAt !== undefined && wait.dueAt <= this.#clock.monotonic();
    if (hasElapsed) return;
    await this.#suspendCall(wait);
  }

  /** Rejects every waiting call. */
  rejectWaits(reason: AttemptAbort): void {
    for (const pending of this.#waits) {
      pending.cancelTimer();
      this.begin();
      pending.reject(reason);
    }
    this.#waits.clear();
  }

  /** Resolves once no call runs. */
  async callsFinished(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenFinished.push(resolve);
    });
  }

  /** Cancels all timers; waits never end any more. */
  stop(): void {
    this.#isStopped = true;
    for (const { cancelTimer } of this.#waits) cancelTimer();
    this.#waits.clear();
  }

  #suspendCall(wait: Wait): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return;
      const pending: PendingWait = { ...wait, reject, cancelTimer: () => {} };
      const onTimer = (): void => {
        const remainingMs = (wait.dueAt ?? 0) - this.#clock.monotonic();
        // A timer may fire early, or be capped by the platform.
        if (remainingMs > 1) {
          pending.cancelTimer = this.#clock.after(remainingMs, onTimer);
          return;
        }
        this.#waits.delete(pending);
        this.begin();
        resolve();
      };
      if (wait.message === undefined && wait.dueAt !== undefined) {
        pending.cancelTimer = this.#clock.after(wait.dueAt - this.#clock.monotonic(), onTimer);
      }
      this.#waits.add(pending);
      this.end();
    });
  }

  #watchForIdle(): void {
    if (this.#isWatching || this.#isStopped || this.#waits.size + this.#blocked === 0) return;
    this.#isWatching = true;
    this.#countIdleTicks(IDLE_TICKS, this.#ticks);
  }

  #countIdleTicks(remaining: number, ticksBefore: number): void {
    setImmediate(() => {
      if (this.#ticks === ticksBefore && remaining > 1) {
        this.#countIdleTicks(remaining - 1, ticksBefore);
        return;
      }
      this.#isWatching = false;
      if (this.#isStopped || this.#running > 0) return;
      if (this.#ticks === ticksBefore) this.#onIdle();
      else this.#watchForIdle();
    });
  }
}

/** Returns true if nothing ends a wait: neither an instant nor a message. */
export function isEndless({ dueAt, message }: Wait): boolean {
  return dueAt === undefined && message === undefined;
}
