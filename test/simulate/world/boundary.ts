import type { Clock } from "../../../src/core/scheduling/clock.ts";
import type { Chance } from "./chance.ts";
import type { Scheduler } from "./scheduler.ts";

export interface BoundaryOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** Instant of the wall clock at the origin of virtual time. */
  readonly wallClock: () => number;
  /** Called when the process ends. */
  readonly onEnd: () => void;
}

/**
 * The boundary between one process and everything else: store, broker, other systems, time. A process that has ended
 * gets no reply and no timer any more; what it has sent may still arrive.
 */
export class Boundary {
  readonly #options: BoundaryOptions;
  #isAlive = true;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Number of crossings until the process ends; undefined if it does not. */
  #crossingsLeft: number | undefined;

  constructor(options: BoundaryOptions) {
    this.#options = options;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get name(): string {
    return this.#options.name;
  }

  /** The latest instant at which the process was suspended. */
  get suspendedUntil(): number {
    return this.#pausedUntil;
  }

  /** True if the process will end at one of its next crossings. */
  get isDoomed(): boolean {
    return this.#crossingsLeft !== undefined;
  }

  /** Ends the process at once. */
  end(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.trace("crash");
    this.#options.onEnd();
  }

  /** Ends the process at one of its next crossings, before or after the effect of a call; at once for none. */
  endAfter(crossings: number): void {
    this.#crossingsLeft = crossings;
    if (crossings === 0) this.end();
  }

  /** Suspends the process: replies and timers wait until it goes on. */
  suspend(ms: number): void {
    this.trace(`suspended for ${Math.round(ms)} ms`);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#options.scheduler.now + ms);
  }

  trace(text: string): void {
    const { scheduler, name } = this.#options;
    scheduler.trace.add(scheduler.now, `${name} ${text}`);
  }

  /** Runs a callback of the process: at once, when the process goes on, or never. */
  deliver(callback: () => void): void {
    if (!this.#isAlive) return;
    const { scheduler } = this.#options;
    if (this.#pausedUntil > scheduler.now) {
      scheduler.after(this.#pausedUntil - scheduler.now, () => this.deliver(callback));
      return;
    }
    callback();
  }

  /**
   * Calls something outside of the process. The call arrives after a delay, also if the process has ended meanwhile,
   * unless it was lost with the process. The reply arrives after another delay.
   */
  call<Result>(name: string, effect: () => Result | Promise<Result>): Promise<Awaited<Result>> {
    const { scheduler, chance } = this.#options;
    return new Promise((resolve, reject) => {
      if (!this.#cross()) return;
      scheduler.after(this.#delay(), () => {
        if (!this.#isAlive && chance.happens(0.5)) return;
        this.trace(name);
        let result: Promise<Awaited<Result>>;
        try {
          result = Promise.resolve(effect());
        } catch (error) {
          result = Promise.reject(error instanceof Error ? error : new Error(String(error)));
        }
        const reply = (callback: () => void): void => {
          scheduler.after(this.#delay(), () => {
            if (this.#cross()) this.deliver(callback);
          });
        };
        result.then(
          (value) => reply(() => resolve(value)),
          (error: unknown) => reply(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
      });
    });
  }

  /** Calls another system, which sometimes takes long. */
  async slowCall<Result>(name: string, effect: () => Result | Promise<Result>): Promise<Awaited<Result>> {
    const { chance, scheduler } = this.#options;
    const result = await this.call(name, effect);
    const ms = chance.happens(0.1) ? chance.between(500, 12_000) : 0;
    if (ms > 0) {
      await new Promise<void>((resolve) => {
        scheduler.after(ms, () => this.deliver(resolve));
      });
    }
    return result;
  }

  /** The clock of the process. */
  readonly clock: Clock = {
    now: () => Math.floor(this.#options.wallClock()),
    monotonic: () => this.#options.scheduler.now,
    random: () => this.#options.chance.next(),
    after: (ms, callback) => {
      let isCancelled = false;
      const cancel = this.#options.scheduler.after(ms, () =>
        this.deliver(() => {
          if (!isCancelled) callback();
        }),
      );
      return () => {
        isCancelled = true;
        cancel();
      };
    },
  };

  #cross(): boolean {
    if (this.#crossingsLeft !== undefined && --this.#crossingsLeft <= 0) this.end();
    return this.#isAlive;
  }

  /** Most delays are short; a few are long. */
  #delay(): number {
    const { chance } = this.#options;
    return chance.happens(0.02) ? chance.between(5, 400) : chance.between(0.1, 5);
  }
}
