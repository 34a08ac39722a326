import type { Log } from "../core/ports/log.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ClaimPlaces } from "../core/ports/store.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { outsideWork } from "./attempt/faults.ts";
import type { Ask } from "./requests.ts";
import type { Places } from "./slots.ts";

/** A wake-up or a notice may be lost: at most this much later a worker looks by itself. */
const POLL_MIN_MS = 1000;
const POLL_MAX_MS = 5000;
/** The shortest pause after a claim that was granted nothing although something is due: another worker is taking it. */
const CONTENDED_MS = 20;

export interface ClaimsOptions {
  readonly worker: string;
  readonly places: Places;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when answers are not waited for any more. */
  readonly signal: AbortSignal;
  readonly onGrant: (grant: Grant) => void;
}

/** Asks for due operations: one claim at a time, each with the next number. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #stopping = new AbortController();
  #number = 0;
  #answered = 0;
  #isWanted = false;
  #isPlanned = false;
  #underWay: Promise<void> | undefined;
  #takeBack: (() => void) | undefined;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** The newest claim whose answer has arrived. */
  get answered(): number {
    return this.#answered;
  }

  /** Something may be due. What is said in one turn of the event loop makes one claim; said during a claim, it makes another. */
  want(): void {
    this.#isWanted = true;
    if (this.#isPlanned || this.#underWay !== undefined || this.#stopping.signal.aborted) return;
    this.#isPlanned = true;
    outsideWork(() =>
      setImmediate(() => {
        this.#isPlanned = false;
        this.#begin();
      }),
    );
  }

  /** No claim begins any more; one under way is still answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#takeBack?.();
    await this.#underWay;
  }

  #begin(): void {
    if (this.#stopping.signal.aborted || this.#underWay !== undefined) return;
    this.#takeBack?.();
    this.#isWanted = false;
    const asked = this.#options.places.free();
    if (asked.length === 0) {
      this.#options.places.claimed([], []);
      return;
    }
    this.#underWay = this.#claim(asked).finally(() => {
      this.#underWay = undefined;
      if (this.#isWanted) this.want();
    });
  }

  async #claim(places: readonly ClaimPlaces[]): Promise<void> {
    const { worker, ask, log, signal, onGrant } = this.#options;
    const claim = ++this.#number;
    try {
      const { grants, nextDueMs } = await ask("claim", { worker, claim, places }, signal);
      this.#answered = claim;
      for (const grant of grants) onGrant(grant);
      if (this.#options.places.claimed(places, grants)) this.#isWanted = true;
      this.#plan(grants.length > 0, nextDueMs);
    } catch (error) {
      if (!signal.aborted) log.error({ error, claim }, "the answer to a claim could not be used");
      this.#plan(false, undefined);
    }
  }

  /** When to look again, if nothing asks for it before. */
  #plan(granted: boolean, nextDueMs: number | undefined): void {
    if (this.#stopping.signal.aborted) return;
    const { clock } = this.#options;
    const pollMs = POLL_MIN_MS + (POLL_MAX_MS - POLL_MIN_MS) * clock.random();
    const dueMs = nextDueMs === undefined ? Infinity : Math.max(nextDueMs, granted ? 0 : CONTENDED_MS);
    this.#takeBack = clock.after(Math.min(pollMs, dueMs), () => this.want());
  }
}
