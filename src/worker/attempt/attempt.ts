import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { PermanentError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import type { AttemptKey, Grant, ProgressMessage, RecordMessage, RecordReply } from "../../core/ports/messages.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { type AbortCode, AttemptAbort, suspends, outranks } from "./abort.ts";
import { Activity, isEndless, type Wait } from "./activity.ts";
import { warnIgnoredSignal, warnUntracked } from "./attempt-warnings.ts";
import { usageError } from "./failure.ts";
import { ReplayOrder } from "./replay-order.ts";
import { type UnhandledErrorHandler, runInAttempt } from "./scope.ts";
import { UnawaitedRejections } from "./unawaited-rejections.ts";

/** Time that aborted work gets to react before the attempt ends without it. */
export const ABORT_GRACE_MS = 5000;
const GRACE_MS_BY_CODE: Partial<Record<AbortCode, number>> = {
  "timed-out": ABORT_GRACE_MS,
  "work-fault": ABORT_GRACE_MS,
  "attempt-ended": ABORT_GRACE_MS,
  // The work was told to stop when the worker began to stop.
  "handed-back": 250,
};

/** The connection of an attempt to the servers. */
export interface AttemptLink {
  /** Commits a step. Repeated until answered; rejects only after the attempt has ended. */
  readonly record: (message: RecordMessage) => Promise<RecordReply>;
  readonly progress: (message: ProgressMessage) => void;
}

/** The result of running the work of an attempt. */
export type Finish =
  | { readonly how: "returned"; readonly value: unknown }
  | { readonly how: "threw"; readonly error: unknown }
  /** All of its calls wait. */
  | { readonly how: "idle"; readonly waits: readonly Wait[] }
  /** It did not react to an abort in time. */
  | { readonly how: "abandoned" };

export interface AttemptParts {
  readonly grant: Grant;
  readonly type: ResourceType;
  readonly link: AttemptLink;
  readonly clock: Clock;
  readonly log: Log;
  /** @default no telemetry */
  readonly telemetry?: Telemetry;
  /** Milliseconds since the grant arrived. */
  readonly sinceGrantMs: number;
}

/** A running attempt: the state shared by all of its calls. */
export class Attempt implements UnhandledErrorHandler {
  readonly grant: Grant;
  readonly key: AttemptKey;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry | undefined;
  readonly activity: Activity;
  readonly replayOrder = new ReplayOrder();
  /** Called once the work is idle. */
  onIdle = (): void => {
    this.#suspendIfWaiting();
  };
  /** The rejections that the work has not awaited yet. */
  readonly unawaited = new UnawaitedRejections(this);
  /** The names of the calls that are running or waiting. */
  readonly runningCalls = new Set<string>();
  /** The names of all calls of this attempt. */
  readonly names = new Set<string>();
  readonly finished: Promise<Finish>;
  /** Sets the result; only the first call counts. */
  readonly finish: (finish: Finish) => void;
  readonly #records: ReadonlyMap<string, StepRecord>;
  readonly #link: AttemptLink;
  readonly #controller = new AbortController();
  readonly #abandoned = Promise.withResolvers<void>();
  readonly #startedAt: number;
  #listeners: ((reason: AttemptAbort) => void)[] = [];
  #timers: (() => void)[] = [];
  #aborted: AttemptAbort | undefined;
  #abortedAt = 0;
  #fatalError: PermanentError | undefined;
  #isSuspended = false;
  #isStopping = false;
  #isInterrupted = false;
  #isClosed = false;

  constructor({ grant, type, link, clock, log, telemetry, sinceGrantMs }: AttemptParts) {
    const { operation, attempt } = grant;
    this.grant = grant;
    this.key = { operation, attempt };
    this.type = type;
    this.clock = clock;
    this.log = log;
    this.telemetry = telemetry;
    this.#link = link;
    this.#startedAt = clock.monotonic() - sinceGrantMs;
    this.#records = new Map(grant.records.map((record) => [record.step, record]));
    this.activity = new Activity(clock, () => {
      this.onIdle();
    });
    const { promise, resolve } = Promise.withResolvers<Finish>();
    this.finished = promise;
    this.finish = resolve;
  }

  /** The signal passed to the work and its steps. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The strongest abort reason so far. */
  get aborted(): AttemptAbort | undefined {
    return this.#aborted;
  }

  /** An error that fails the operation even if the work catches it. */
  get fatalError(): PermanentError | undefined {
    return this.#fatalError;
  }

  /** True once calls of the work never resolve any more. */
  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** True while the worker is stopping and the work may still finish: its signal is aborted, and its calls still work. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** True if a call has failed while the worker was stopping: the work runs again, whatever it returns. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Returns the record of a step. An undone step has none, because it may run again. */
  recordOf(name: string): StepRecord | undefined {
    const record = this.#records.get(name);
    return record?.state === "undone" ? undefined : record;
  }

  /** Returns how often a step was undone. */
  generationOf(name: string): number {
    return this.#records.get(name)?.generation ?? 0;
  }

  /** Estimated wall-clock time of the server: the time of the grant plus the local time since then. */
  get serverNow(): number {
    return this.grant.at + this.sinceGrantMs;
  }

  /** Milliseconds since the grant arrived. */
  get sinceGrantMs(): number {
    return this.clock.monotonic() - this.#startedAt;
  }

  /** Runs the work once; `finished` resolves to its result. */
  run(work: () => unknown): void {
    const start = (): Promise<unknown> => runInAttempt(this, async () => work());
    const tracing = this.telemetry?.tracing;
    (tracing === undefined ? start() : tracing.withinTrace(this.grant.traceparent, start)).then(
      (value) => this.#onWorkEnd({ how: "returned", value }),
      (error: unknown) => this.#onWorkEnd({ how: "threw", error }),
    );
  }

  /** Resolves once every call has finished and is recorded, or the attempt is abandoned. */
  async callsFinished(): Promise<void> {
    await Promise.race([this.activity.callsFinished(), this.#abandoned.promise]);
  }

  /** Aborts the signal, because the worker is stopping, and lets the work finish until it is aborted as `handed-back`. */
  requestHandBack(): void {
    if (this.#isClosed || this.#aborted !== undefined) return;
    this.#isStopping = true;
    this.#signalAbort(new AttemptAbort("handed-back"));
  }

  /** Suspends the work after a call has failed while the worker is stopping: a stop must not look like a failure of the call. */
  interrupt(): void {
    if (this.#aborted === undefined) return;
    this.#isInterrupted = true;
    this.suspend(this.#aborted);
  }

  /** Aborts the work. The strongest reason counts. */
  abort(code: AbortCode, cause?: unknown): void {
    if (this.#isClosed || !(outranks(code, this.#aborted) || (this.#isStopping && suspends(code)))) return;
    const reason = new AttemptAbort(code, cause);
    this.#isStopping = false;
    if (suspends(code)) this.suspend(reason);
    else this.activity.rejectWaits(reason);
    this.#signalAbort(reason);
    const graceMs = GRACE_MS_BY_CODE[code];
    if (graceMs === undefined) return;
    this.after(graceMs, () => {
      this.finish({ how: "abandoned" });
      // A call that still runs may have effects that the next attempt would repeat at the same time.
      const isHanging = this.clock.monotonic() - this.#abortedAt >= ABORT_GRACE_MS;
      if (code === "attempt-ended" || (code === "handed-back" && isHanging)) this.#abandoned.resolve();
    });
  }

  #signalAbort(reason: AttemptAbort): void {
    const isFirst = this.#aborted === undefined;
    if (isFirst) this.#abortedAt = this.clock.monotonic();
    this.#aborted = reason;
    this.#controller.abort(reason);
    for (const listener of [...this.#listeners]) listener(reason);
    if (isFirst && reason.code !== "waiting") this.after(ABORT_GRACE_MS, () => warnIgnoredSignal(this, ABORT_GRACE_MS));
  }

  /** Leaves all calls of the work pending from now on. */
  suspend(reason: AttemptAbort): void {
    this.#isSuspended = true;
    this.activity.block();
    this.#controller.abort(reason);
  }

  /** Adds an abort listener. The returned function removes it. */
  onAbort(listener: (reason: AttemptAbort) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }

  /** Starts a timer that is cancelled when the attempt ends. */
  after(ms: number, callback: () => void): void {
    this.#timers.push(this.clock.after(ms, callback));
  }

  onUnhandledError(error: unknown): void {
    if (error instanceof AttemptAbort) return;
    const { operation, attempt } = this.key;
    this.log.warn({ error, operation, attempt }, "unhandled error in work");
    if (this.grant.mode === "forward") this.abort("work-fault", error);
  }

  onUnhandledRejection(promise: Promise<unknown>, error: unknown, step: string | undefined): void {
    this.unawaited.addOwn(promise, error, step);
  }

  onRejectionHandled(promise: Promise<unknown>): void {
    this.unawaited.onHandled(promise);
  }

  /** Commits the outcome of a step. Returns `busy` if the child that it begins has to wait: then nothing is recorded. */
  async record(message: Omit<RecordMessage, keyof AttemptKey>): Promise<"ok" | "busy"> {
    await this.replayOrder.idle();
    const { result, cancel, detail = "" } = await this.#link.record({ ...this.key, ...message });
    if (cancel === true) this.abort("cancelled");
    if (result === "drop") {
      this.abort("attempt-ended");
      throw this.#aborted ?? new AttemptAbort("attempt-ended");
    }
    if (result === "too-large") {
      this.#fatalError = usageError(
        "operation-too-large",
        `${JSON.stringify(message.step)} cannot be recorded: the records of the operation would exceed ${this.type.policy.maxBytes} characters. Return less, or raise maxBytes.`,
      );
      throw this.#fatalError;
    }
    if (result === "invalid") throw usageError("invalid-child", detail);
    return result;
  }

  /** Cancels all timers and listeners. */
  close(): void {
    this.#isClosed = true;
    this.activity.stop();
    for (const cancelTimer of this.#timers) cancelTimer();
    this.#timers = [];
    this.#listeners = [];
  }

  /** Ends the attempt as waiting if all remaining calls wait. */
  #suspendIfWaiting(): void {
    const waits = [...this.activity.waits];
    if (!this.#isSuspended && waits.some(({ isShort }) => isShort === true)) return;
    if (!this.#isSuspended && this.unawaited.first !== undefined && waits.every(isEndless)) {
      // Nothing resumes the work, so nothing will await the rejection.
      this.onUnhandledError(this.unawaited.first);
      return;
    }
    this.finish({ how: "idle", waits });
    this.abort(this.#isInterrupted ? "handed-back" : "waiting");
  }

  #onWorkEnd(finish: Finish): void {
    if (this.#aborted?.code === "waiting") warnUntracked(this);
    this.finish(finish);
  }
}
