import type { ResourceType } from "../core/definition/resource-type.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { traceparentOf } from "../telemetry/tracing.ts";
import type { ActiveAttempts, ActiveAttempt } from "./active-attempts.ts";
import type { AttemptLink } from "./attempt/attempt.ts";
import { endAttempt, startAttempt } from "./attempt/instrumented.ts";
import { execute, type RunningAttempt } from "./execution/execute.ts";
import { refusedEnd } from "./execution/outcome.ts";
import type { Isolation } from "./isolation/isolation.ts";
import type { RequestUntilAnswered, TryOptions } from "./requests.ts";
import type { WorkerSlots } from "./slots.ts";

export interface AttemptsOptions {
  readonly types: readonly ResourceType[];
  readonly activeAttempts: ActiveAttempts;
  readonly slots: WorkerSlots;
  readonly requestUntilAnswered: RequestUntilAnswered;
  readonly progress: AttemptLink["progress"];
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Called when a released slot may let another operation run. */
  readonly onDue: () => void;
}

/** Tries of a stopping worker, which has little time left. */
const STOPPING: TryOptions = { timeoutMs: 250, backoff: { initialMs: 50, factor: 2, maxMs: 200 } };

/** Starts granted attempts and reports their ends. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #types: ReadonlyMap<string, ResourceType>;
  #isStopping = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#types = new Map(options.types.map((type) => [type.name, type]));
  }

  /** Hands back every later grant at once. */
  stop(): void {
    this.#isStopping = true;
  }

  start(grant: Grant): void {
    const { activeAttempts, slots } = this.#options;
    const attempt = activeAttempts.add(grant, (ended) => this.#execute(grant, ended.signal));
    if (attempt === undefined) return;
    slots.acquire(grant.type);
    void this.#runToEnd(attempt);
  }

  #execute(grant: Grant, endedSignal: AbortSignal): RunningAttempt {
    const { clock, log, isolation, telemetry } = this.#options;
    const type = this.#types.get(grant.type);
    const { operation, attempt } = grant;
    if (this.#isStopping || type === undefined) return endedWith({ operation, attempt, outcome: "handed-back" });
    const run = (traced: Grant): RunningAttempt => {
      const parts = { grant: traced, type, link: this.#link(endedSignal), clock, log, telemetry, sinceGrantMs: 0 };
      // A process of isolated work has only the types of the app file.
      return grant.isolated && type.isInternal !== true ? isolation.run(parts) : execute(parts);
    };
    const { tracing } = telemetry;
    if (tracing === undefined) return run(grant);
    const span = startAttempt(tracing, grant);
    const running = run({ ...grant, traceparent: traceparentOf(span) });
    void running.ended.then((end) => endAttempt(tracing, span, end));
    return running;
  }

  #link(endedSignal: AbortSignal): AttemptLink {
    const { requestUntilAnswered, progress } = this.#options;
    return {
      progress,
      record: async (message) => {
        try {
          return await requestUntilAnswered("record", message, endedSignal);
        } catch {
          // The attempt has ended; its answer is not awaited.
          return { result: "drop" };
        }
      },
    };
  }

  async #runToEnd(attempt: ActiveAttempt): Promise<void> {
    const { activeAttempts, slots, log, onDue } = this.#options;
    try {
      const end = await attempt.running.ended;
      if (end !== undefined) await this.#reportEnd(end, attempt.endedController.signal);
    } catch (error) {
      if (!attempt.endedController.signal.aborted) {
        log.error({ error, ...attempt.key }, "failed to report the end of an attempt");
      }
    }
    activeAttempts.remove(attempt);
    if (slots.release(attempt.type)) onDue();
  }

  /** Repeats the request until it is answered, so the end survives an outage of any length. */
  async #reportEnd(end: EndMessage, endedSignal: AbortSignal): Promise<void> {
    const { requestUntilAnswered } = this.#options;
    const options = this.#isStopping ? STOPPING : {};
    const { result, code = "refused" } = await requestUntilAnswered("end", end, endedSignal, options);
    if (result !== "refused") return;
    await requestUntilAnswered("end", refusedEnd(end, code), endedSignal, options);
  }
}

function endedWith(end: EndMessage): RunningAttempt {
  return {
    ended: Promise.resolve(end),
    abort: () => {},
    requestHandBack: () => {},
    flush: async () => {},
    unacknowledged: () => undefined,
    acknowledge: () => {},
  };
}
