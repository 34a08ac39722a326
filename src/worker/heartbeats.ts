import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { AttemptKey, BeatMessage, BeatReply } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { ActiveAttempts, ActiveAttempt } from "./active-attempts.ts";
import { runDetached } from "./attempt/scope.ts";

export interface HeartbeatsOptions {
  readonly worker: string;
  readonly broker: Broker;
  readonly activeAttempts: ActiveAttempts;
  /** Number of the newest answered claim. */
  readonly lastAnsweredClaim: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly beatMs: number;
}

/** Interval between heartbeats until the first reply. */
const FIRST_INTERVAL_MS = 1000;

/** Worker side of heartbeats: sends one with the active attempts every few seconds, and applies the cancels and drops of the reply. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  #lastBeat = 0;
  #onFirstReply: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** Sends heartbeats until stopped. Calls `onFirstReply` after the first reply: from then on the servers know this worker's lease. */
  start(onFirstReply: () => void): void {
    this.#onFirstReply = onFirstReply;
    runDetached(() => void this.#beat());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  async #beat(): Promise<void> {
    const { broker, clock, log, beatMs } = this.#options;
    // The next heartbeat never waits for this reply: a late one would look like a dead process.
    const nextMs = this.#onFirstReply === undefined ? beatMs : Math.min(beatMs, FIRST_INTERVAL_MS);
    this.#cancelTimer = clock.after(nextMs * (0.9 + 0.2 * clock.random()), () => void this.#beat());
    const message = this.#message();
    try {
      const reply = await broker.request("beat", message, { timeoutMs: beatMs });
      if (this.#isStopped) return;
      this.#applyReply(message, reply);
      this.#onFirstReply?.();
      this.#onFirstReply = undefined;
    } catch (error) {
      log.debug({ error, number: message.number }, "heartbeat not answered; the next one carries the same");
    }
  }

  #message(): BeatMessage {
    const { worker, activeAttempts, lastAnsweredClaim } = this.#options;
    const attempts = activeAttempts.all();
    return {
      worker,
      number: ++this.#lastBeat,
      lastClaim: lastAnsweredClaim(),
      attempts: attempts.map(({ key }) => key),
      progress: attempts.flatMap(({ running }) => running.unacknowledged() ?? []),
    };
  }

  #applyReply({ progress }: BeatMessage, { cancel, drop }: BeatReply): void {
    for (const { operation, attempt, sequence } of progress) {
      this.#find({ operation, attempt })?.running.acknowledge(sequence);
    }
    for (const key of cancel) this.#find(key)?.running.abort("cancelled");
    for (const key of drop) {
      const attempt = this.#find(key);
      attempt?.endedController.abort();
      attempt?.running.abort("attempt-ended");
    }
  }

  #find(key: AttemptKey): ActiveAttempt | undefined {
    return this.#options.activeAttempts.get(key);
  }
}
