import { AfootError } from "../core/errors.ts";
import type { OperationEvent } from "../core/events.ts";
import { isInProgress, nextDeadlineAt } from "../core/operation.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { isObservable } from "../core/state-machine/apply-observation.ts";
import { observe } from "../server/observing/observe.ts";
import type { Commit } from "../server/storage/commit.ts";
import { createChildCommands } from "../server/workers/child-commands.ts";
import { createRecorder, type Recorder } from "../server/workers/recorder.ts";
import { execute, type RunningAttempt } from "../worker/execution/execute.ts";
import { refusedEnd } from "../worker/execution/outcome.ts";
import type { Crash, OperationRunOptions, RecordedCommit } from "./operation-run-options.ts";
import { type ObservedActivity, RunningSteps, untilIdle } from "./running-steps.ts";

/** Intervals on the virtual clock at which `observe` is called while an operation waits. Each is twice the one before. */
const [MIN_OBSERVE_INTERVAL_MS, MAX_OBSERVE_INTERVAL_MS] = [5000, 3_600_000];

const NEVER = new Promise<never>(() => {});

/** The process in which an attempt runs. */
interface Process {
  /** Functions that cancel its timers. */
  readonly timers: (() => void)[];
  readonly crash: PromiseWithResolvers<undefined>;
  isLost: boolean;
}

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
    this.#advance(Math.min(operation.dueAt ?? Infinity, nextDeadlineAt(operation) ?? Infinity, clock.now() + maxMs));
  }

  /** Advances to the next timer, at most to an instant, and ends what is past its deadline. */
  #advance(maxAt: number): void {
    const { clock } = this.#options;
    const cancelTimer = clock.after(maxAt - clock.now(), () => {});
    clock.advanceToNext();
    cancelTimer();
    this.#reap();
  }

  async #runAttempt(grant: Grant): Promise<void> {
    const { type, observeWork = (each) => each } = this.#options;
    this.#runningSteps = new RunningSteps();
    this.#hasIgnoredSignal = false;
    const process: Process = { timers: [], crash: Promise.withResolvers(), isLost: false };
    const recorder = this.#recorder(process);
    const running = execute({
      grant,
      type: this.#runningSteps.track(observeWork(type, grant)),
      link: recorder,
      clock: this.#processClock(process),
      log: this.#log(),
      sinceGrantMs: 0,
    });
    this.#running = running;
    if (this.#isCancelling) running.abort("cancelled");
    const end = await this.#waitForEnd(Promise.race([running.ended, process.crash.promise]), grant);
    this.#running = undefined;
    if (end !== undefined) await Promise.race([this.#end(recorder, end), process.crash.promise]);
    for (const cancelTimer of process.timers) cancelTimer();
    if (process.isLost) this.#endAsLost(grant);
  }

  #processClock({ timers }: Process): Clock {
    const { clock } = this.#options;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      random: () => clock.random(),
      after: (ms, callback) => {
        this.#activity += 1;
        const cancelTimer = this.#after(ms, callback);
        timers.push(cancelTimer);
        return cancelTimer;
      },
    };
  }

  /** Waits for the attempt to end, and advances the clock while it is idle. */
  async #waitForEnd<Ended>(ended: Promise<Ended>, { attempt }: Grant): Promise<Ended | undefined> {
    const { tested } = this.#options;
    for (;;) {
      const idleness = new AbortController();
      const idle = untilIdle(this.#runningSteps, () => this.#observedActivity, idleness.signal);
      const result = await Promise.race([ended.then((value) => ({ value })), idle]);
      idleness.abort();
      if (result !== "idle") return result.value;
      const { operation } = tested.resource;
      if (operation.attempt !== attempt || operation.worker === null) return undefined;
      this.#advance(nextDeadlineAt(operation) ?? Infinity);
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

  /** Creates the recorder of a process. It never replies to a process that is lost at a commit. */
  #recorder(process: Process): Recorder {
    const { tested, clock } = this.#options;
    const lose = async (): Promise<never> => {
      process.isLost = true;
      process.crash.resolve(undefined);
      return NEVER;
    };
    const commit: Commit = async ([change]) => {
      this.#activity += 1;
      if (change?.change !== "event" || process.isLost) return NEVER;
      const { event } = change;
      const isCommit = event.event !== "progress";
      if (isCommit && this.#isLost("before", this.#commits + 1)) return lose();
      const result = tested.apply(change);
      const commits = isCommit && result.outcome === "applied";
      if (commits && this.#isLostAfter(event.event === "recorded" ? event : { event: event.event })) return lose();
      return [{ ...result, resource: tested.resource }];
    };
    const store = { readByOperation: async () => [tested.resource] };
    return createRecorder({
      ...{ commit, clock, log: this.#log(), telemetry: { onAttemptEnded: () => {} } },
      childCommands: createChildCommands(tested.children.types, store),
    });
  }

  /** Reports the end. */
  async #end(recorder: Recorder, end: EndMessage): Promise<void> {
    this.#options.onEnd?.(end);
    const { result, code = "refused" } = await recorder.end(end);
    if (result === "refused") await this.#end(recorder, refusedEnd(end, code));
  }

  #isLostAfter({ event, step, state, undo }: Omit<RecordedCommit, "number">): boolean {
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

  #endAsLost({ attempt }: Grant): void {
    const { tested, clock, leaseMs = 0, onLost } = this.#options;
    clock.advance(leaseMs);
    this.#reap();
    tested.applyEvent({ event: "lost", attempt });
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
    // The worker logs a permanent error at debug, because servers log the end of the operation.
    const collectError = (fields: object): void => {
      if ("error" in fields) this.#thrown.push(fields.error);
    };
    const collect = (fields: object, message: string): void => {
      collectError(fields);
      this.#hasIgnoredSignal ||= "running" in fields;
      this.#options.onLog?.(fields, message);
    };
    return { debug: collectError, info: collect, warn: collect, error: collect };
  }
}
