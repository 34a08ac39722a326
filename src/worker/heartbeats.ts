import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { AttemptKey, BeatMessage, BeatReply } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { outsideWork } from "./attempt/faults.ts";
import type { Held, HeldAttempt } from "./held-attempts.ts";

export interface BeatsOptions {
  readonly worker: string;
  readonly broker: Broker;
  readonly held: Held;
  /** The newest claim whose answer has arrived. */
  readonly claimed: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly beatMs: number;
}

/** How soon a worker that no server has heard of yet says again that it lives. */
const FIRST_MS = 1000;

/** Says every few seconds that this worker lives and what it holds, and does what the answer asks for. */
export class Beats {
  readonly #options: BeatsOptions;
  #number = 0;
  #onKnown: (() => void) | undefined;
  #takeBack: (() => void) | undefined;
  #isStopped = false;

  constructor(options: BeatsOptions) {
    this.#options = options;
  }

  /** Beats until stopped. `onKnown` is called once a server has heard of this worker: what it claims from then on is its own. */
  start(onKnown: () => void): void {
    this.#onKnown = onKnown;
    outsideWork(() => void this.#beat());
  }

  stop(): void {
    this.#isStopped = true;
    this.#takeBack?.();
  }

  async #beat(): Promise<void> {
    const { broker, clock, log, beatMs } = this.#options;
    // Each beat goes out on time, whether or not the one before was answered: only so does it say that this process lives.
    const nextMs = this.#onKnown === undefined ? beatMs : Math.min(beatMs, FIRST_MS);
    this.#takeBack = clock.after(nextMs * (0.9 + 0.2 * clock.random()), () => void this.#beat());
    const message = this.#message();
    try {
      const reply = await broker.request("beat", message, { timeoutMs: beatMs });
      if (this.#isStopped) return;
      this.#obey(message, reply);
      this.#onKnown?.();
      this.#onKnown = undefined;
    } catch (error) {
      log.debug({ error, number: message.number }, "a beat was not answered; the next one says the same");
    }
  }

  #message(): BeatMessage {
    const { worker, held, claimed } = this.#options;
    const attempts = held.all();
    return {
      worker,
      number: ++this.#number,
      claimed: claimed(),
      held: attempts.map(({ key }) => key),
      progress: attempts.flatMap(({ running }) => running.unbeaten() ?? []),
    };
  }

  #obey({ progress }: BeatMessage, { cancel, drop }: BeatReply): void {
    for (const { operation, attempt, sequence } of progress) {
      this.#held({ operation, attempt })?.running.beaten(sequence);
    }
    for (const key of cancel) this.#held(key)?.running.abort("cancelled");
    for (const key of drop) {
      const dropped = this.#held(key);
      dropped?.over.abort();
      dropped?.running.abort("attempt-over");
    }
  }

  #held(key: AttemptKey): HeldAttempt | undefined {
    return this.#options.held.get(key);
  }
}
