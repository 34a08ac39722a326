import type { Grant, ProgressMessage } from "../../core/ports/messages.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Report } from "../../core/work.ts";
import { type CheckedReport, checkReport, encodeDetails } from "./report-check.ts";

/** At most one message in this time, unless the label changes. Also how long a replay is waited for. */
const EVERY_MS = 500;
/** How long the first report of an attempt is kept: work that is over by then has sent none. */
const FIRST_MS = 50;

export interface ReporterOptions {
  readonly grant: Grant;
  readonly clock: Clock;
  readonly send: (message: ProgressMessage) => void;
}

/** Coalesces what work reports: carries the latest value of every field, and never goes back. */
export class Reporter {
  readonly #options: ReporterOptions;
  /** The past is not shown again: while recorded steps are replayed, reports are kept. */
  #isReplaying: boolean;
  #details: Readonly<Record<string, unknown>> = {};
  #latest: CheckedReport = {};
  #text: string | undefined;
  #sequence = 0;
  #sent = 0;
  #beaten = 0;
  #sentAt: number | undefined;
  /** When the latest estimate was made: it shrinks until it is sent. */
  #estimatedAt = 0;
  #shownStatus: string;
  #takeBack: (() => void) | undefined;
  #isOver = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#isReplaying = options.grant.records.length > 0;
    this.#shownStatus = options.grant.status;
  }

  /** What the client sees of the details now: reported ones are merged onto it. */
  mergeOnto(details: Readonly<Record<string, unknown>>): void {
    this.#details = details;
  }

  /** @throws PermanentError `invalid-report` */
  report(given: Report<unknown>): void {
    const report = checkReport(given);
    const details =
      report.details === undefined
        ? this.#latest.details
        : { ...this.#details, ...this.#latest.details, ...report.details };
    if (report.details !== undefined && details !== undefined) this.#text = encodeDetails(details);
    if (this.#isOver) return;
    const { progress: before = 0 } = this.#latest;
    this.#latest = {
      ...this.#latest,
      ...report,
      ...(report.progress === undefined ? {} : { progress: Math.max(before, report.progress) }),
      ...(details === undefined ? {} : { details }),
    };
    if (report.estimatedTimeRemainingMs !== undefined) this.#estimatedAt = this.#options.clock.monotonic();
    this.#sequence++;
    this.#plan();
  }

  /** Something new has begun: what follows is not the past any more. */
  goOn(): void {
    if (!this.#isReplaying) return;
    this.#isReplaying = false;
    if (this.#sequence > this.#sent) this.flush();
  }

  /** Sends what has not been sent. */
  flush(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    this.#isReplaying = false;
    if (this.#isOver || this.#sequence === this.#sent) return;
    this.#sent = this.#sequence;
    this.#sentAt = this.#options.clock.monotonic();
    if (this.#isShown()) {
      this.#beaten = this.#sequence;
      return;
    }
    this.#shownStatus = this.#latest.status ?? this.#shownStatus;
    this.#options.send(this.#message());
  }

  /** Before an attempt rests, and when a server asks: what it has newly said is shown, and the past is not. */
  sayNews(): void {
    if (!this.#isReplaying) this.flush();
  }

  /** What a beat has to carry, because the message of its own may have been lost. */
  unbeaten(): ProgressMessage | undefined {
    return this.#isOver || this.#sent === this.#beaten ? undefined : this.#message();
  }

  /** A beat that carried this much was answered. */
  beaten(sequence: number): void {
    this.#beaten = Math.max(this.#beaten, sequence);
  }

  stop(): void {
    this.#takeBack?.();
    this.#isOver = true;
  }

  #plan(): void {
    const { clock } = this.#options;
    const { status } = this.#latest;
    if (!this.#isReplaying && status !== undefined && status !== this.#shownStatus) {
      this.flush();
      return;
    }
    if (this.#takeBack !== undefined) return;
    const waitMs = this.#sentAt === undefined ? FIRST_MS : this.#sentAt + EVERY_MS - clock.monotonic();
    this.#takeBack = clock.after(this.#isReplaying ? EVERY_MS : Math.max(waitMs, 0), () => {
      this.flush();
    });
  }

  /** A resumed attempt that says again what is shown already says nothing. */
  #isShown(): boolean {
    const { grant } = this.#options;
    const { progress, status, details, estimatedTimeRemainingMs } = this.#latest;
    return (
      details === undefined &&
      estimatedTimeRemainingMs === undefined &&
      (progress === undefined || progress <= (grant.progress ?? -1)) &&
      (status === undefined || status === this.#shownStatus)
    );
  }

  #message(): ProgressMessage {
    const { operation, attempt } = this.#options.grant;
    const { progress, status, estimatedTimeRemainingMs: estimateMs } = this.#latest;
    const sinceMs = this.#options.clock.monotonic() - this.#estimatedAt;
    return {
      operation,
      attempt,
      sequence: this.#sent,
      ...(progress === undefined ? {} : { progress }),
      ...(status === undefined ? {} : { status }),
      ...(this.#text === undefined ? {} : { details: this.#text }),
      ...(estimateMs === undefined ? {} : { estimatedTimeRemainingMs: Math.max(0, Math.round(estimateMs - sinceMs)) }),
    };
  }
}
