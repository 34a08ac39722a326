import { AfootError } from "../core/errors.ts";
import type { OperationEvent } from "../core/events.ts";
import { isInProgress, nextDeadlineAt } from "../core/operation.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant, RecordReply } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { isObservable } from "../core/state-machine/apply-observation.ts";
import { observe } from "../server/observing/observe.ts";
import { endEvent } from "../server/workers/recorder.ts";
import type { AttemptLink } from "../worker/attempt/attempt.ts";
import { execute, type RunningAttempt } from "../worker/execution/execute.ts";
import type { Commit, Crash, OperationRunOptions } from "./operation-run-options.ts";
import { disposableClock } from "./process-clock.ts";
import { type ObservedActivity, RunningSteps, untilIdle } from "./running-steps.ts";

/** Intervals on the virtual clock at which `observe` is called while an operation waits. Each is twice the one before. */
const [MIN_OBSERVE_INTERVAL_MS, MAX_OBSERVE_INTERVAL_MS] = [5000, 3_600_000];

const UNAPPLIED = { outcome: "dropped", code: undefined } as const;

/** Runs one operation to its end: claims it when due, runs its attempts and advances the clock in between. */
export class OperationRun {
  readonly #options: OperationRunOptions;
  readonly #thrown: unknown[] = [];
  #commits = 0;
  #observeIntervalMs = MIN_OBSERVE_INTERVAL_MS;
  /** Counter of all activity of the attempt. */
  #activity = 0;
  #running: RunningAttempt | undefined;
  /** True once the worker has warned that the attempt ignores its signal. */
  #hasIgnoredSignal = false;
  #runningSteps = new RunningSteps();
  /** Number of pending timers that are not of the work. */
  #ownTimers = 0;

  constructor(options: OperationRunOptions) {
    this.#options = options;
  }

  get commits(): number {
    return this.#commits;
  }

  /** The errors that the work threw, in order. */
  get thrown(): readonly unknown[] {
    return this.#thrown;
  }

  async run(): Promise<void> {
    const { tested, events, maxAttempts = Infinity } = this.#options;
    for (const { afterMs, event } of events) this.receive(event, afterMs);
    while (isInProgress(tested.resource.operation) && tested.resource.operation.attempt < maxAttempts) {
      const grant = this.#claim();
      if (grant !== undefined) await this.#runAttempt(grant);
      else if (!(await tested.children.runDue(this.#later)) && !(await this.#observe())) this.#advanceToDue();
    }
  }

  /** Applies an event from outside later, unless the operation is settled by then. */
  receive(event: OperationEvent, afterMs: number): void {
    this.#later(afterMs, () => event);
  }

  readonly #later = (afterMs: number, eventOf: () => OperationEvent): void => {
    this.#after(afterMs, () => {
      const event = eventOf();
      if (isInProgress(this.#options.tested.resource.operation)) this.#applyEvent(event);
    });
  };

  /** True unless the operation is settled or undoing. */
  get isCancellable(): boolean {
    const { kind, state } = this.#options.tested.resource.operation;
    return kind !== "delete" && (state === "pending" || state === "running" || state === "waiting");
  }

  cancel(): void {
    if (this.isCancellable) this.#applyEvent({ event: "cancel-requested" });
  }

  #claim(): Grant | undefined {
    const grant = this.#options.tested.claim();
    if (grant === undefined || !this.#isLostAfter({ event: "claimed" })) return grant;
    this.#endAsLost(grant);
    return undefined;
  }

  /** Queries the background process of an operation that only waits. Returns true if that changed the operation. */
  async #observe(): Promise<boolean> {
    const { tested, type, clock } = this.#options;
    const { resource } = tested;
    if (resource.operation.dueAt !== null || !isObservable(resource, type.policy, clock.now())) return false;
    if (type.observe === undefined) return false;
    try {
      const event = await observe(type, resource, new AbortController().signal);
      if (event !== undefined && tested.applyEvent(event).outcome === "applied") return true;
    } catch (error) {
      this.#log().warn({ error }, "observe failed");
    }
    this.#advanceToDue(this.#observeIntervalMs);
    this.#observeIntervalMs = Math.min(2 * this.#observeIntervalMs, MAX_OBSERVE_INTERVAL_MS);
    return true;
  }

  /** Advances to the next timer or deadline while no attempt runs. */
  #advanceToDue(maxMs = Infinity): void {
    const { tested, clock } = this.#options;
    const { operation } = tested.resource;
    const at = Math.min(operation.dueAt ?? Infinity, nextDeadlineAt(operation) ?? Infinity, clock.now() + maxMs);
    const cancelTimer = clock.after(at - clock.now(), () => {});
    clock.advanceToNext();
    cancelTimer();
    this.#reap();
  }

  async #runAttempt(grant: Grant): Promise<void> {
    const { type, clock, observeWork = (each) => each } = this.#options;
    const process = disposableClock({
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      random: () => clock.random(),
      after: (ms, callback) => this.#after(ms, callback),
    });
    const runningSteps = new RunningSteps();
    this.#runningSteps = runningSteps;
    this.#hasIgnoredSignal = false;
    const crash = Promise.withResolvers<"crashed">();
    const link = this.#link(grant, () => crash.resolve("crashed"));
    const trackedClock: Clock = {
      ...process.clock,
      after: (ms, callback) => {
        this.#activity += 1;
        return process.clock.after(ms, callback);
      },
    };
    const running = execute({
      grant,
      type: runningSteps.track(observeWork(type, grant)),
      link,
      clock: trackedClock,
      log: this.#log(),
      sinceGrantMs: 0,
    });
    this.#running = running;
    if (this.#isCancelling) running.abort("cancelled");
    let end = await this.#waitForEnd(Promise.race([running.ended, crash.promise]), grant);
    this.#running = undefined;
    if (end !== "crashed" && end !== undefined && this.#end(end)) end = "crashed";
    process.dispose();
    if (end === "crashed") this.#endAsLost(grant);
  }

  /** Waits for the attempt to end, and advances the clock while it is idle. */
  async #waitForEnd<Ended>(ended: Promise<Ended>, { attempt }: Grant): Promise<Ended | undefined> {
    const { tested, clock } = this.#options;
    for (;;) {
      const idleness = new AbortController();
      const idle = untilIdle(this.#runningSteps, () => this.#observedActivity, idleness.signal);
      const result = await Promise.race([ended.then((value) => ({ value })), idle]);
      idleness.abort();
      if (result !== "idle") return result.value;
      const { operation } = tested.resource;
      if (operation.attempt !== attempt || operation.worker === null) return undefined;
      const cancelTimer = clock.after((nextDeadlineAt(operation) ?? Infinity) - clock.now(), () => {});
      clock.advanceToNext();
      cancelTimer();
      this.#reap();
    }
  }

  get #observedActivity(): ObservedActivity {
    const hasVirtualTimers = this.#options.clock.pendingTimers > this.#ownTimers;
    return { count: this.#activity, hasVirtualTimers, isAborted: this.#isCancelling && !this.#hasIgnoredSignal };
  }

  get #isCancelling(): boolean {
    return this.#options.tested.resource.operation.state === "cancelling";
  }

  /** Starts a timer that does not count as one of the work. */
  #after(ms: number, callback: () => void): () => void {
    const { clock } = this.#options;
    let isPending = true;
    this.#ownTimers++;
    const settle = (): void => {
      if (isPending) this.#ownTimers--;
      isPending = false;
    };
    const cancelTimer = clock.after(ms, () => {
      settle();
      callback();
    });
    return () => {
      settle();
      cancelTimer();
    };
  }

  #link({ operation, attempt }: Grant, onCrash: () => void): AttemptLink {
    const { tested } = this.#options;
    let isDead = false;
    return {
      progress: ({ operation: _operation, estimatedTimeRemainingMs: _estimate, ...reported }) => {
        this.#activity += 1;
        if (!isDead) tested.applyAttemptEvent(operation, { event: "progress", ...reported });
      },
      record: async ({ operation: _operation, child, ...recorded }): Promise<RecordReply> => {
        this.#activity += 1;
        const invalid = await tested.children.check(child);
        if (invalid !== undefined) return invalid;
        if (isDead) return new Promise(() => {});
        isDead = this.#isLostBefore();
        const event = { event: "recorded", ...recorded, attempt } as const;
        const { outcome, code } = isDead ? UNAPPLIED : tested.applyAttemptEvent(operation, event, child);
        if (outcome === "applied") isDead = this.#isLostAfter(event);
        if (isDead) {
          onCrash();
          return new Promise(() => {});
        }
        if (code === "operation-too-large") return { result: "too-large" };
        const isCancelled = tested.resource.operation.state === "cancelling";
        return { result: outcome === "dropped" || outcome === "refused" ? "drop" : "ok", cancel: isCancelled };
      },
    };
  }

  /** Reports the end. Returns true if the process crashes right after this commit. */
  #end(end: EndMessage): boolean {
    const { tested, clock, onEnd } = this.#options;
    onEnd?.(end);
    if (this.#isLostBefore()) return true;
    const { outcome, code } = tested.applyAttemptEvent(end.operation, endEvent(end, clock.now()));
    if (outcome === "refused" && code !== undefined) {
      const error = {
        code,
        title: code,
        detail: `The server refused the result of the work: ${code}.`,
        retryable: false,
      };
      return this.#end({ operation: end.operation, attempt: end.attempt, outcome: "failed", error });
    }
    return outcome === "applied" && this.#isLostAfter({ event: end.outcome });
  }

  #isLostBefore(): boolean {
    return this.#isLost("before", this.#commits + 1);
  }

  #isLostAfter({ event, step, state, undo }: Omit<Commit, "number">): boolean {
    const number = ++this.#commits;
    const record = step === undefined || state === undefined ? {} : { step, state, undo: undo === true };
    this.#options.onCommit?.({ number, event, ...record });
    return this.#isLost("after", number);
  }

  #isLost(at: Crash["at"], number: number): boolean {
    const { crashes = [], onCrash } = this.#options;
    if (!crashes.some((crash) => crash.at === at && crash.commit === number)) return false;
    onCrash?.();
    return true;
  }

  #endAsLost({ operation, attempt }: Grant): void {
    const { tested, clock, leaseMs = 0, onLost } = this.#options;
    clock.advance(leaseMs);
    this.#reap();
    tested.applyAttemptEvent(operation, { event: "lost", attempt });
    onLost?.();
  }

  #reap(): void {
    const { tested, clock } = this.#options;
    const at = nextDeadlineAt(tested.resource.operation);
    if (at === null || at > clock.now()) return;
    const stepsNotUndone = tested.records
      .filter(({ undo, state }) => undo && state !== "undone")
      .map(({ step }) => step);
    this.#applyEvent({ event: "overdue", stepsNotUndone });
  }

  #applyEvent(event: OperationEvent): void {
    const { tested } = this.#options;
    const { outcome, code } = tested.applyEvent(event);
    if (outcome === "refused") throw new AfootError(code ?? "refused", `The resource refused ${event.event}: ${code}.`);
    const { state, worker } = tested.resource.operation;
    if (state === "cancelling") this.#running?.abort("cancelled");
    if (worker === null) this.#running?.abort("attempt-ended");
  }

  #log(): Log {
    const collect = (fields: object, message: string): void => {
      if ("error" in fields) this.#thrown.push(fields.error);
      this.#hasIgnoredSignal ||= "running" in fields;
      this.#options.onLog?.(fields, message);
    };
    return { debug: () => {}, info: collect, warn: collect, error: collect };
  }
}
