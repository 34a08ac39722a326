import { setImmediate as turn, setTimeout as realTime } from "node:timers/promises";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import type { OperationEvent } from "../core/events.ts";
import { isInProgress, reapAt } from "../core/operation.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant, RecordReply } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { eventOf } from "../server/workers/recorder.ts";
import type { Link } from "../worker/attempt/attempt.ts";
import { execute, type Running } from "../worker/execution/execute.ts";
import { mortalClock } from "./process-clock.ts";
import type { TestedResource } from "./tested-resource.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** For how long of real time nothing may happen in an attempt before the virtual clock moves on. */
const STILL_MS = 10;
/** And for how many turns of the event loop after that: a machine that is busy with other things is no attempt that waits. */
const STILL_TURNS = 100;

/** What happens to the resource from outside. */
export interface PlannedEvent {
  readonly afterMs: number;
  readonly event: OperationEvent;
}

export interface CourseOptions {
  readonly tested: TestedResource;
  readonly type: ResourceType;
  readonly clock: VirtualClock;
  readonly events: readonly PlannedEvent[];
  readonly crashAfter: number | undefined;
}

/** The course of one operation: claims it whenever it is due, runs its attempts, and lets time pass in between. */
export class Course {
  readonly #options: CourseOptions;
  readonly #thrown: unknown[] = [];
  #commits = 0;
  /** Grows with everything that the attempt does. */
  #activity = 0;
  #running: Running | undefined;

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  get commits(): number {
    return this.#commits;
  }

  /** What work threw, attempt by attempt. */
  get thrown(): readonly unknown[] {
    return this.#thrown;
  }

  async run(): Promise<void> {
    const { tested, clock, events } = this.#options;
    for (const { afterMs, event } of events) clock.after(afterMs, () => this.#happen(event));
    while (isInProgress(tested.resource.operation)) {
      const grant = this.#claim();
      if (grant === undefined) this.#pass();
      else await this.#attempt(grant);
    }
  }

  #claim(): Grant | undefined {
    const grant = this.#options.tested.claim();
    if (grant !== undefined && this.#isCrash()) {
      this.#lose(grant);
      return undefined;
    }
    return grant;
  }

  /** Nobody works on it: time goes on to whatever comes first. */
  #pass(): void {
    const { tested, clock } = this.#options;
    const { operation } = tested.resource;
    const at = Math.min(operation.dueAt ?? Infinity, reapAt(operation) ?? Infinity);
    const takeBack = clock.after(at - clock.now(), () => {});
    clock.advanceToNext();
    takeBack();
    this.#reap();
  }

  async #attempt(grant: Grant): Promise<void> {
    const { type, clock } = this.#options;
    const mortal = mortalClock(clock);
    const crash = Promise.withResolvers<"crashed">();
    const link = this.#link(grant, () => crash.resolve("crashed"));
    const noticed: Clock = {
      ...mortal.clock,
      after: (ms, callback) => {
        this.#activity += 1;
        return mortal.clock.after(ms, callback);
      },
    };
    const running = execute({ grant, type, link, clock: noticed, log: this.#log(), heldMs: 0 });
    this.#running = running;
    let end = await this.#until(Promise.race([running.ended, crash.promise]), grant);
    this.#running = undefined;
    if (end !== "crashed" && end !== undefined && this.#end(end)) end = "crashed";
    mortal.die();
    if (end === "crashed") this.#lose(grant);
  }

  /** Waits for the attempt. Where nothing happens in it, time goes on. */
  async #until<Ended>(ended: Promise<Ended>, { attempt }: Grant): Promise<Ended | undefined> {
    const { tested, clock } = this.#options;
    for (;;) {
      const first = await Promise.race([ended.then((value) => ({ value })), this.#still()]);
      if (first !== "still") return first.value;
      const { operation } = tested.resource;
      if (operation.attempt !== attempt || operation.worker === null) return undefined;
      const takeBack = clock.after((reapAt(operation) ?? Infinity) - clock.now(), () => {});
      clock.advanceToNext();
      takeBack();
      this.#reap();
    }
  }

  async #still(): Promise<"still"> {
    for (;;) {
      const known = this.#activity;
      await realTime(STILL_MS);
      for (let turns = 0; turns < STILL_TURNS; turns++) await turn();
      if (this.#activity === known) return "still";
    }
  }

  #link({ operation, attempt }: Grant, onCrash: () => void): Link {
    const { tested } = this.#options;
    let isDead = false;
    return {
      progress: ({ operation: _operation, estimatedTimeRemainingMs: _estimate, ...reported }) => {
        this.#activity += 1;
        if (!isDead) tested.tellOf(operation, { event: "progress", ...reported });
      },
      record: async ({ operation: _operation, ...recorded }): Promise<RecordReply> => {
        this.#activity += 1;
        if (isDead) return new Promise(() => {});
        const { outcome, code } = tested.tellOf(operation, { event: "recorded", ...recorded, attempt });
        if (outcome === "applied" && this.#isCrash()) {
          isDead = true;
          onCrash();
          return new Promise(() => {});
        }
        if (code === "operation-too-large") return { answer: "too-large" };
        const isCancelled = tested.resource.operation.state === "cancelling";
        return { answer: outcome === "dropped" || outcome === "refused" ? "drop" : "ok", cancel: isCancelled };
      },
    };
  }

  /** True where the process died right after this commit. */
  #end(end: EndMessage): boolean {
    const { tested, clock } = this.#options;
    const { outcome, code } = tested.tellOf(end.operation, eventOf(end, clock.now()));
    if (outcome === "refused" && code !== undefined) {
      const error = {
        code,
        title: code,
        detail: `The server refused what the work returned: ${code}.`,
        retryable: false,
      };
      return this.#end({ operation: end.operation, attempt: end.attempt, outcome: "failed", error });
    }
    return outcome === "applied" && this.#isCrash();
  }

  #isCrash(): boolean {
    return ++this.#commits === this.#options.crashAfter;
  }

  #lose({ operation, attempt }: Grant): void {
    this.#options.tested.tellOf(operation, { event: "lost", attempt });
  }

  #reap(): void {
    const { tested, clock } = this.#options;
    const at = reapAt(tested.resource.operation);
    if (at === null || at > clock.now()) return;
    const left = tested.records.filter(({ undo, state }) => undo && state !== "undone").map(({ step }) => step);
    this.#happen({ event: "overdue", left });
  }

  #happen(event: OperationEvent): void {
    const { tested } = this.#options;
    const { outcome, code } = tested.tell(event);
    if (outcome === "refused") throw new AfootError(code ?? "refused", `The resource refused ${event.event}: ${code}.`);
    const { state, worker } = tested.resource.operation;
    if (state === "cancelling") this.#running?.abort("cancelled");
    if (worker === null) this.#running?.abort("attempt-over");
  }

  #log(): Log {
    const note = (fields: object): void => {
      if ("error" in fields) this.#thrown.push(fields.error);
    };
    return { debug: () => {}, info: note, warn: note, error: note };
  }
}
