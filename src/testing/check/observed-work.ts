import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Grant } from "../../core/ports/messages.ts";
import type { RecordedCommit } from "../operation-run-options.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { type Context, withContext, withFunctions, type WorkFunctionCall } from "../wrapped-work.ts";
import type { Report } from "./finding.ts";
import { workScope, type WorkScope } from "./work-scope.ts";

/** Rounding errors of a sum of parts are no decrease. */
const ROUNDING_ERROR = 1e-9;

export interface ObservedWorkOptions {
  readonly clock: VirtualClock;
  readonly report: Report;
  /** Called right after a function of a step or a check has begun. */
  readonly onFunction: (step: string) => void;
  /** The steps that have returned a result in any run. */
  readonly stepsWithResult: Set<string>;
}

/** Observes what the work of one operation does, over all of its attempts. */
export class ObservedWork {
  /** The steps whose undo got no result, although they return one. */
  readonly undoneWithoutResult = new Set<string>();
  readonly #options: ObservedWorkOptions;
  readonly #undone = new Set<string>();
  #invocations = 0;
  /** The calls that each further attempt must repeat, and the attempt that made them. */
  readonly #expected = new Map<string, number>();
  #calls: ReadonlySet<string> = new Set();
  #process: WorkScope["process"] | undefined;
  #attempt = 0;

  constructor(options: ObservedWorkOptions) {
    this.#options = options;
  }

  /** Returns the type with work that is observed here, for one attempt. */
  observe(type: ResourceType, { attempt, mode }: Grant): ResourceType {
    const process = { clock: this.#options.clock, isLost: false };
    this.#process = process;
    this.#attempt = attempt;
    // A lost process may go on for a moment, while the next attempt has calls of its own.
    const calls = new Set<string>();
    this.#calls = calls;
    const observeContext = (context: Context): Context => {
      const observed = withFunctions(context, (call, run) => this.#observeFunction(call, run, process));
      // The replay that collects undo functions ends before it has repeated all calls.
      return mode === "undo" ? observed : this.#observeCalls(observed, calls);
    };
    return withContext(type, observeContext, (work) => workScope.run({ process }, work));
  }

  onCommit({ event }: RecordedCommit): void {
    if (event === "succeeded" || event === "waiting") this.#reportMissingCalls();
    // After a failure, failed steps run again, and the work may take another path.
    if (event === "failed") this.#expected.clear();
    else if (event !== "claimed" && event !== "recorded") this.#expectCalls();
  }

  /** Ends the attempt, because its process is lost. */
  onCrash(): void {
    if (this.#process !== undefined) this.#process.isLost = true;
    this.#expectCalls();
  }

  #expectCalls(): void {
    for (const call of this.#calls) this.#expected.set(call, this.#attempt);
  }

  #reportMissingCalls(): void {
    for (const [name, attempt] of this.#expected) {
      const problem = `Attempt ${attempt} calls "${name}", and attempt ${this.#attempt} does not. Let calls depend only on arguments and on results of steps.`;
      if (!this.#calls.has(name)) this.#options.report("replay-differs", name, problem);
    }
  }

  #observeCalls(context: Context, calls: Set<string>): Context {
    const { report, step, sleep, until, receive } = context;
    let progress = 0;
    const called = (name: string): string => {
      calls.add(name);
      return name;
    };
    return {
      ...context,
      report: (reported) => {
        const { progress: next = progress } = reported;
        const problem = `The progress decreases from ${progress} to ${next}, and clients keep seeing ${progress}. Report the part of the whole work.`;
        if (next < progress - ROUNDING_ERROR) this.#options.report("progress-decreases", undefined, problem);
        progress = Math.max(progress, next);
        report(reported);
      },
      step: (name, ...given) => step(called(name), ...given),
      sleep: (name, ms) => sleep(called(name), ms),
      until: (name: string, check: Parameters<Context["until"]>[1], options: object = {}) =>
        until(called(name), check, options),
      receive: (name: string, options: object = {}) => {
        let count = 1;
        while (calls.has(`receive ${name} ${count}`)) count++;
        called(`receive ${name} ${count}`);
        return receive(name, options);
      },
    };
  }

  #observeFunction<Run, Result>(
    call: WorkFunctionCall,
    run: (run: Run) => Result | Promise<Result>,
    process: WorkScope["process"],
  ): (run: Run) => Promise<Result> {
    const { step, kind } = call;
    const { onFunction, stepsWithResult } = this.#options;
    return async (given) => {
      const running = workScope.run({ process, call, invocation: ++this.#invocations }, async () => run(given));
      if (kind === "undo") return this.#observeUndo(step, given, running);
      onFunction(step);
      const result = await running;
      if (kind === "step" && result !== undefined) stepsWithResult.add(step);
      return result;
    };
  }

  async #observeUndo<Result>(step: string, given: unknown, running: Promise<Result>): Promise<Result> {
    const { result, signal } = isJsonObject(given) ? given : {};
    if (result === undefined && this.#options.stepsWithResult.has(step)) this.undoneWithoutResult.add(step);
    try {
      const value = await running;
      this.#undone.add(step);
      return value;
    } catch (error) {
      if (!(signal instanceof AbortSignal && signal.aborted)) this.#reportFailedUndo(step, error);
      throw error;
    }
  }

  #reportFailedUndo(step: string, error: unknown): void {
    let [kind, fix] = ["undo-fails", "The result of the step may still exist."];
    if (this.#undone.has(step)) {
      [kind, fix] = ["undo-repeats", "It ran before, so nothing is left to undo. Make it idempotent."];
    } else if (this.undoneWithoutResult.has(step)) {
      [kind, fix] = ["undo-needs-result", "The loss of a process may lose the result, so use the idempotencyKey."];
    }
    this.#options.report(kind, step, `The undo fails: ${String(error)}. ${fix}`);
  }
}
