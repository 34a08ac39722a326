import { setImmediate as nextTick } from "node:timers/promises";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import type { OperationEvent } from "../core/events.ts";
import { isInProgress, nextDeadlineAt } from "../core/operation.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant, RecordReply } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { endEvent } from "../server/workers/recorder.ts";
import type { AttemptLink } from "../worker/attempt/attempt.ts";
import { execute, type RunningAttempt } from "../worker/execution/execute.ts";
import { disposableClock } from "./process-clock.ts";
import { realPause, RunningSteps } from "./running-steps.ts";
import type { TestedResource } from "./tested-resource.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Real time without activity in an attempt after which the virtual clock advances. */
const IDLE_MS = 10;
/** Further event-loop ticks without activity, because a busy machine may delay an attempt. */
const IDLE_TICKS = 100;

/** An event from outside, such as a message or a cancel request. */
export interface PlannedEvent {
  readonly afterMs: number;
  readonly event: OperationEvent;
}

export interface OperationRunOptions {
  readonly tested: TestedResource;
  readonly type: ResourceType;
  readonly clock: VirtualClock;
  readonly events: readonly PlannedEvent[];
  readonly crashAfter: number | undefined;
}

/** Runs one operation to its end: claims it when due, runs its attempts and advances the clock in between. */
export class OperationRun {
  readonly #options: OperationRunOptions;
  readonly #thrown: unknown[] = [];
  #commits = 0;
  /** Counter of all activity of the attempt. */
  #activity = 0;
  #running: RunningAttempt | undefined;
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
    const { tested, events } = this.#options;
    for (const { afterMs, event } of events) this.#after(afterMs, () => this.#applyEvent(event));
    while (isInProgress(tested.resource.operation)) {
      const grant = this.#claim();
      if (grant === undefined) this.#advanceToDue();
      else await this.#runAttempt(grant);
    }
  }

  #claim(): Grant | undefined {
    const grant = this.#options.tested.claim();
    if (grant !== undefined && this.#isCrash()) {
      this.#endAsLost(grant);
      return undefined;
    }
    return grant;
  }

  /** Advances to the next timer or deadline while no attempt runs. */
  #advanceToDue(): void {
    const { tested, clock } = this.#options;
    const { operation } = tested.resource;
    const at = Math.min(operation.dueAt ?? Infinity, nextDeadlineAt(operation) ?? Infinity);
    const cancelTimer = clock.after(at - clock.now(), () => {});
    clock.advanceToNext();
    cancelTimer();
    this.#reap();
  }

  async #runAttempt(grant: Grant): Promise<void> {
    const { type, clock } = this.#options;
    const process = disposableClock({
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      random: () => clock.random(),
      after: (ms, callback) => this.#after(ms, callback),
    });
    const runningSteps = new RunningSteps();
    this.#runningSteps = runningSteps;
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
      type: runningSteps.track(type),
      link,
      clock: trackedClock,
      log: this.#log(),
      sinceGrantMs: 0,
    });
    this.#running = running;
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
      const result = await Promise.race([ended.then((value) => ({ value })), this.#idle()]);
      if (result !== "idle") return result.value;
      const { operation } = tested.resource;
      if (operation.attempt !== attempt || operation.worker === null) return undefined;
      const cancelTimer = clock.after((nextDeadlineAt(operation) ?? Infinity) - clock.now(), () => {});
      clock.advanceToNext();
      cancelTimer();
      this.#reap();
    }
  }

  /** Resolves once nothing happens in the attempt, and no step waits for something real. */
  async #idle(): Promise<"idle"> {
    let known = this.#activity;
    let since = performance.now();
    for (;;) {
      await realPause(IDLE_MS);
      for (let ticks = 0; ticks < IDLE_TICKS; ticks++) await nextTick();
      if (this.#activity !== known) {
        known = this.#activity;
        since = performance.now();
        continue;
      }
      const hasVirtualTimers = this.#options.clock.pendingTimers > this.#ownTimers;
      if (!this.#runningSteps.isReal(performance.now() - since, hasVirtualTimers)) return "idle";
    }
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
      record: async ({ operation: _operation, ...recorded }): Promise<RecordReply> => {
        this.#activity += 1;
        if (isDead) return new Promise(() => {});
        const { outcome, code } = tested.applyAttemptEvent(operation, { event: "recorded", ...recorded, attempt });
        if (outcome === "applied" && this.#isCrash()) {
          isDead = true;
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
    const { tested, clock } = this.#options;
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
    return outcome === "applied" && this.#isCrash();
  }

  #isCrash(): boolean {
    return ++this.#commits === this.#options.crashAfter;
  }

  #endAsLost({ operation, attempt }: Grant): void {
    this.#options.tested.applyAttemptEvent(operation, { event: "lost", attempt });
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
    const collect = (fields: object): void => {
      if ("error" in fields) this.#thrown.push(fields.error);
    };
    return { debug: () => {}, info: collect, warn: collect, error: collect };
  }
}
