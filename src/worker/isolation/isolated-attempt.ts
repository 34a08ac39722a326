import type { EndMessage, Grant, ProgressMessage } from "../../core/ports/messages.ts";
import type { AbortCode } from "../attempt/abort.ts";
import type { AttemptParts, AttemptLink } from "../attempt/attempt.ts";
import type { RunningAttempt } from "../execution/execute.ts";

/** The handle of the process that runs an attempt. */
export interface ProcessRunner {
  readonly abort: (attempt: IsolatedAttempt, code: AbortCode) => void;
  readonly requestHandBack: (attempt: IsolatedAttempt) => void;
  readonly flush: (attempt: IsolatedAttempt) => Promise<void>;
}

/** The worker's handle of an attempt that runs in another process. */
export class IsolatedAttempt implements RunningAttempt {
  readonly grant: Grant;
  readonly link: AttemptLink;
  readonly ended: Promise<EndMessage | undefined>;
  readonly #clock: AttemptParts["clock"];
  readonly #grantedAt: number;
  readonly #end: (end: EndMessage | undefined) => void;
  #runner: ProcessRunner | undefined;
  #isEnded = false;
  #progress: ProgressMessage | undefined;
  #acknowledged = 0;

  constructor({ grant, link, clock, sinceGrantMs }: AttemptParts) {
    this.grant = grant;
    this.link = link;
    this.#clock = clock;
    this.#grantedAt = clock.monotonic() - sinceGrantMs;
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

  get sinceGrantMs(): number {
    return this.#clock.monotonic() - this.#grantedAt;
  }

  /** Assigns the process that runs the attempt. */
  begin(runner: ProcessRunner): void {
    this.#runner = runner;
  }

  end(end: EndMessage | undefined): void {
    this.#isEnded = true;
    this.#end(end);
  }

  /** Ends the attempt because its process died. Counts as a lost worker for this operation alone. */
  endAsLost(): void {
    this.end({ ...this.#key, outcome: "lost" });
  }

  onProgress(message: ProgressMessage): void {
    this.#progress = message;
    this.link.progress(message);
  }

  abort = (code: AbortCode): void => {
    if (this.#runner !== undefined) this.#runner.abort(this, code);
    // Not started yet, so it ends at once.
    else if (code === "attempt-ended") this.end(undefined);
    else this.end({ ...this.#key, outcome: code === "cancelled" ? "cancelled" : "handed-back" });
  };

  requestHandBack = (): void => {
    if (this.#runner === undefined) this.abort("handed-back");
    else this.#runner.requestHandBack(this);
  };

  flush = async (): Promise<void> => {
    await this.#runner?.flush(this);
  };

  unacknowledged = (): ProgressMessage | undefined => {
    return this.#progress !== undefined && this.#progress.sequence > this.#acknowledged ? this.#progress : undefined;
  };

  acknowledge = (sequence: number): void => {
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
  };

  get #key(): { operation: string; attempt: number } {
    const { operation, attempt } = this.grant;
    return { operation, attempt };
  }
}
