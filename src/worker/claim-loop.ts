import type { Reservation } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ClaimSlots } from "../core/ports/store.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { runDetached } from "./attempt/scope.ts";
import type { RequestUntilAnswered } from "./requests.ts";
import type { WorkerSlots } from "./slots.ts";

/** Wake-ups may be lost, so each worker also polls at a random interval within these bounds. */
const MIN_POLL_INTERVAL_MS = 1000;
const MAX_POLL_INTERVAL_MS = 5000;
/** Minimum pause after an empty claim although operations are due: another worker is claiming them. */
const MIN_CONTENDED_PAUSE_MS = 20;

export interface ClaimLoopOptions {
  readonly worker: string;
  readonly slots: WorkerSlots;
  readonly requestUntilAnswered: RequestUntilAnswered;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the worker stops waiting for replies. */
  readonly signal: AbortSignal;
  readonly onGrant: (grant: Grant) => void;
}

/** Claims due operations, one request at a time, each with the next claim number. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #stopping = new AbortController();
  #lastClaim = 0;
  /** Numbers of the claims that are not answered yet. */
  readonly #unanswered = new Set<number>();
  readonly #whenAnswered: (() => void)[] = [];
  #isRequested = false;
  #isScheduled = false;
  #inFlight: Promise<void> | undefined;
  #cancelPoll: (() => void) | undefined;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
  }

  /** Number of the newest claim of which all earlier ones are answered too. */
  get lastAnswered(): number {
    return Math.min(this.#lastClaim, ...[...this.#unanswered].map((claim) => claim - 1));
  }

  /** Reserves a slot for an operation that is about to be accepted, under the next claim number. */
  reserve(type: string, kind: string): Reservation | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    const { slots, worker, signal, onGrant } = this.#options;
    const reserved = slots.reserve(type, kind);
    if (reserved === undefined) return undefined;
    const claim = this.#nextClaim();
    return {
      claim: { worker, claim, ...reserved },
      signal,
      start: (grant) => {
        slots.release(type);
        runDetached(() => onGrant(grant));
        this.#answer(claim);
      },
      release: () => {
        this.#answer(claim);
        if (slots.release(type)) this.requestClaim();
      },
    };
  }

  /** Requests a claim. Calls in one event-loop tick share a claim; a call during a claim causes one more. */
  requestClaim(): void {
    this.#isRequested = true;
    if (this.#isScheduled || this.#inFlight !== undefined || this.#stopping.signal.aborted) return;
    this.#isScheduled = true;
    runDetached(() =>
      setImmediate(() => {
        this.#isScheduled = false;
        this.#startClaim();
      }),
    );
  }

  /** Starts no further claim and waits for those in flight. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelPoll?.();
    await this.#inFlight;
    if (this.#unanswered.size > 0) await new Promise<void>((resolve) => this.#whenAnswered.push(resolve));
  }

  #nextClaim(): number {
    this.#unanswered.add(++this.#lastClaim);
    return this.#lastClaim;
  }

  #answer(claim: number): void {
    this.#unanswered.delete(claim);
    if (this.#unanswered.size === 0) for (const resolve of this.#whenAnswered.splice(0)) resolve();
  }

  #startClaim(): void {
    if (this.#stopping.signal.aborted || this.#inFlight !== undefined) return;
    this.#cancelPoll?.();
    this.#isRequested = false;
    const slots = this.#options.slots.free();
    if (slots.length === 0) {
      this.#options.slots.onClaimed([], []);
      return;
    }
    this.#inFlight = this.#claim(slots).finally(() => {
      this.#inFlight = undefined;
      if (this.#isRequested) this.requestClaim();
    });
  }

  async #claim(slots: readonly ClaimSlots[]): Promise<void> {
    const { worker, requestUntilAnswered, log, signal, onGrant } = this.#options;
    const claim = this.#nextClaim();
    try {
      const { grants, nextDueMs } = await requestUntilAnswered("claim", { worker, claim, slots }, signal);
      for (const grant of grants) onGrant(grant);
      this.#answer(claim);
      if (this.#options.slots.onClaimed(slots, grants)) this.#isRequested = true;
      this.#schedulePoll(grants.length > 0, nextDueMs);
    } catch (error) {
      this.#answer(claim);
      if (!signal.aborted) log.error({ error, claim }, "failed to process the reply to a claim");
      this.#schedulePoll(false, undefined);
    }
  }

  /** Schedules the next claim, unless one is requested earlier. */
  #schedulePoll(hasGrants: boolean, nextDueMs: number | undefined): void {
    if (this.#stopping.signal.aborted) return;
    const { clock } = this.#options;
    const pollMs = MIN_POLL_INTERVAL_MS + (MAX_POLL_INTERVAL_MS - MIN_POLL_INTERVAL_MS) * clock.random();
    const dueMs = nextDueMs === undefined ? Infinity : Math.max(nextDueMs, hasGrants ? 0 : MIN_CONTENDED_PAUSE_MS);
    this.#cancelPoll = clock.after(Math.min(pollMs, dueMs), () => this.requestClaim());
  }
}
