import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Grant, ProgressMessage } from "../../core/ports/messages.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type CheckedReport, checkReport, encodeDetails } from "./report-check.ts";

/** Minimum interval between messages, unless the label changes; also the maximum wait for the end of a replay. */
const REPORT_INTERVAL_MS = 500;
/** Delay of the first report: work that ends earlier sends none. */
const FIRST_REPORT_DELAY_MS = 50;

export interface ReporterOptions {
  readonly grant: Grant;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly log: Log;
  readonly send: (message: ProgressMessage) => void;
}

/** Coalesces reports: a message carries the latest value of every field, and progress never decreases. */
export class Reporter {
  readonly #options: ReporterOptions;
  /** Reports during a replay are held back, so that clients do not see the past again. */
  #isReplaying: boolean;
  readonly #warned = new Set<string>();
  #details: Readonly<Record<string, unknown>> = {};
  #latest: CheckedReport = {};
  #detailsText: string | undefined;
  /** True if the latest progress is that of children. */
  #isOfChildren = false;
  #sequence = 0;
  #sent = 0;
  #acknowledged = 0;
  #sentAt: number | undefined;
  /** Time of the latest estimate, which decreases until it is sent. */
  #estimatedAt = 0;
  #shownStatus: string;
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#isReplaying = options.grant.records.length > 0;
    this.#shownStatus = options.grant.status;
  }

  /** Sets the details shown to clients now; reported details are merged into them. */
  setBaseDetails(details: Readonly<Record<string, unknown>>): void {
    this.#details = details;
  }

  /** Never throws: whatever is wrong with a report is adjusted or ignored, with one warning for each field. */
  report(input: unknown): void {
    if (this.#isStopped) return;
    const { details: reported, ...report } = checkReport(input, this.#options.type.policy, this.#warn);
    const { progress: before = 0 } = this.#latest;
    this.#latest = {
      ...this.#latest,
      ...report,
      ...(report.progress === undefined ? {} : { progress: Math.max(before, report.progress) }),
      ...(reported === undefined ? {} : this.#mergeDetails(reported)),
    };
    if (report.estimatedTimeRemainingMs !== undefined) this.#estimatedAt = this.#options.clock.monotonic();
    this.#sequence++;
    this.#scheduleFlush();
  }

  /** Reports the share of children that are settled, unless the work reports progress of its own. */
  reportOfChildren(progress: number): void {
    if (this.#latest.progress !== undefined && !this.#isOfChildren) return;
    this.#isOfChildren = true;
    this.report({ progress });
  }

  /** Ends the replay: a new call has begun. */
  leaveReplay(): void {
    if (!this.#isReplaying) return;
    this.#isReplaying = false;
    if (this.#sequence > this.#sent) this.flush();
  }

  /** Sends unsent reports. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isReplaying = false;
    if (this.#isStopped || this.#sequence === this.#sent) return;
    this.#sent = this.#sequence;
    this.#sentAt = this.#options.clock.monotonic();
    if (this.#isAlreadyShown()) {
      this.#acknowledged = this.#sequence;
      return;
    }
    this.#shownStatus = this.#latest.status ?? this.#shownStatus;
    this.#options.send(this.#message());
  }

  /** Sends unsent reports, except during a replay. For the end of a waiting attempt and for flush requests. */
  flushUnlessReplaying(): void {
    if (!this.#isReplaying) this.flush();
  }

  /** Returns the progress for the next heartbeat, because the message itself may have been lost. */
  unacknowledged(): ProgressMessage | undefined {
    return this.#isStopped || this.#sent === this.#acknowledged ? undefined : this.#message();
  }

  /** Marks the progress up to `sequence` as received by a server. */
  acknowledge(sequence: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#isStopped = true;
  }

  #mergeDetails(reported: Readonly<Record<string, unknown>>): Pick<CheckedReport, "details"> {
    const merged = { ...this.#details, ...this.#latest.details, ...reported };
    const encoded = encodeDetails(merged, this.#options.type.policy.maxBytes, this.#warn);
    if (encoded === undefined) return {};
    this.#detailsText = encoded.text;
    return { details: encoded.details };
  }

  readonly #warn = (field: string, problem: string): void => {
    if (this.#warned.has(field)) return;
    this.#warned.add(field);
    const { log, grant } = this.#options;
    const { operation, type, id, kind, attempt } = grant;
    log.warn(
      { operation, type, id, kind, attempt, field },
      `invalid report: ${field === "" ? "" : `${field}: `}${problem}`,
    );
  };

  #scheduleFlush(): void {
    const { clock } = this.#options;
    const { status } = this.#latest;
    if (!this.#isReplaying && status !== undefined && status !== this.#shownStatus) {
      this.flush();
      return;
    }
    if (this.#cancelTimer !== undefined) return;
    const waitMs =
      this.#sentAt === undefined ? FIRST_REPORT_DELAY_MS : this.#sentAt + REPORT_INTERVAL_MS - clock.monotonic();
    this.#cancelTimer = clock.after(this.#isReplaying ? REPORT_INTERVAL_MS : Math.max(waitMs, 0), () => {
      this.flush();
    });
  }

  /** Returns true if a resumed attempt reports only values that clients already see. */
  #isAlreadyShown(): boolean {
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
      ...(this.#detailsText === undefined ? {} : { details: this.#detailsText }),
      ...(estimateMs === undefined ? {} : { estimatedTimeRemainingMs: Math.max(0, Math.round(estimateMs - sinceMs)) }),
    };
  }
}
