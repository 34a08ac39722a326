import type { EndMessage, Grant, ProgressMessage } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";
import type { AttemptParts, Link } from "../attempt/attempt.ts";
import type { Running } from "../execution/execute.ts";

/** The process that runs an attempt. */
export interface Runner {
  readonly abort: (attempt: IsolatedAttempt, code: AbortCode) => void;
  readonly flush: (attempt: IsolatedAttempt) => Promise<void>;
}

/** An attempt that runs in another process, as its worker sees it. */
export class IsolatedAttempt implements Running {
  readonly grant: Grant;
  readonly link: Link;
  readonly ended: Promise<EndMessage | undefined>;
  readonly #clock: AttemptParts["clock"];
  readonly #grantedAt: number;
  readonly #end: (end: EndMessage | undefined) => void;
  #runner: Runner | undefined;
  #isEnded = false;
  #progress: ProgressMessage | undefined;
  #beaten = 0;

  constructor({ grant, link, clock, heldMs }: AttemptParts) {
    this.grant = grant;
    this.link = link;
    this.#clock = clock;
    this.#grantedAt = clock.monotonic() - heldMs;
    const { promise, resolve } = Promise.withResolvers<EndMessage | undefined>();
    this.ended = promise;
    this.#end = resolve;
  }

  get operation(): string {
    return this.grant.operation;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get heldMs(): number {
    return this.#clock.monotonic() - this.#grantedAt;
  }

  /** It runs in this process from now on. */
  begin(runner: Runner): void {
    this.#runner = runner;
  }

  end(end: EndMessage | undefined): void {
    this.#isEnded = true;
    this.#end(end);
  }

  /** Its process is gone. Counts for this operation alone. */
  lose(): void {
    this.end({ ...this.#key, outcome: "lost" });
  }

  progressed(message: ProgressMessage): void {
    this.#progress = message;
    this.link.progress(message);
  }

  abort = (code: AbortCode): void => {
    if (this.#runner !== undefined) this.#runner.abort(this, code);
    // Not begun yet: there is nothing to wait for.
    else if (code === "attempt-over") this.end(undefined);
    else this.end({ ...this.#key, outcome: code === "cancelled" ? "cancelled" : "handed-back" });
  };

  flush = async (): Promise<void> => {
    await this.#runner?.flush(this);
  };

  unbeaten = (): ProgressMessage | undefined => {
    return this.#progress !== undefined && this.#progress.sequence > this.#beaten ? this.#progress : undefined;
  };

  beaten = (sequence: number): void => {
    this.#beaten = Math.max(this.#beaten, sequence);
  };

  get #key(): { operation: string; attempt: number } {
    const { operation, attempt } = this.grant;
    return { operation, attempt };
  }
}
