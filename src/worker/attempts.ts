import type { ResourceType } from "../core/definition/resource-type.ts";
import type { Log } from "../core/ports/log.ts";
import type { EndMessage, Grant } from "../core/ports/messages.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { traceparentOf } from "../telemetry/tracing.ts";
import type { Link } from "./attempt/attempt.ts";
import { misuse, operationErrorOf } from "./attempt/failure.ts";
import { endAttempt, startAttempt } from "./attempt/measured.ts";
import { execute, type Running } from "./execution/execute.ts";
import type { Held, HeldAttempt } from "./held-attempts.ts";
import type { Isolation } from "./isolation/isolation.ts";
import type { Ask } from "./requests.ts";
import type { Places } from "./slots.ts";

export interface AttemptsOptions {
  readonly types: readonly ResourceType[];
  readonly held: Held;
  readonly places: Places;
  readonly ask: Ask;
  readonly progress: Link["progress"];
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Called when another operation may be run. */
  readonly onDue: () => void;
}

/** Begins what is granted, and says how it ended. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #types: ReadonlyMap<string, ResourceType>;
  #isStopping = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#types = new Map(options.types.map((type) => [type.name, type]));
  }

  /** What is granted from now on goes back at once. */
  stop(): void {
    this.#isStopping = true;
  }

  begin(grant: Grant): void {
    const { held, places } = this.#options;
    const begun = held.add(grant, (over) => this.#run(grant, over.signal));
    if (begun === undefined) return;
    places.take(grant.type);
    void this.#see(begun);
  }

  #run(grant: Grant, over: AbortSignal): Running {
    const { clock, log, isolation, telemetry } = this.#options;
    const type = this.#types.get(grant.type);
    const { operation, attempt } = grant;
    if (this.#isStopping || type === undefined) return notBegun({ operation, attempt, outcome: "handed-back" });
    const run = (traced: Grant): Running => {
      const parts = { grant: traced, type, link: this.#link(over), clock, log, telemetry, heldMs: 0 };
      return grant.isolated ? isolation.run(parts) : execute(parts);
    };
    const { tracing } = telemetry;
    if (tracing === undefined) return run(grant);
    const span = startAttempt(tracing, grant);
    const running = run({ ...grant, trace: traceparentOf(span) });
    void running.ended.then((end) => endAttempt(tracing, span, end));
    return running;
  }

  #link(over: AbortSignal): Link {
    const { ask, progress } = this.#options;
    return {
      progress,
      record: async (message) => {
        try {
          return await ask("record", message, over);
        } catch {
          // Not waited for any more: the attempt is over.
          return { answer: "drop" };
        }
      },
    };
  }

  async #see(attempt: HeldAttempt): Promise<void> {
    const { held, places, log, onDue } = this.#options;
    try {
      const end = await attempt.running.ended;
      if (end !== undefined) await this.#say(end, attempt.over.signal);
    } catch (error) {
      if (!attempt.over.signal.aborted) log.error({ error, ...attempt.key }, "the end of an attempt could not be said");
    }
    held.remove(attempt);
    if (places.giveBack(attempt.type)) onDue();
  }

  /** Repeated until it is answered: the end is kept for as long as an outage lasts. */
  async #say(end: EndMessage, over: AbortSignal): Promise<void> {
    const { ask } = this.#options;
    const { answer, code = "refused" } = await ask("end", end, over);
    if (answer !== "refused") return;
    const { operation, attempt } = end;
    const error = operationErrorOf(misuse(code, `The server refused what the work returned: ${code}.`));
    await ask("end", { operation, attempt, outcome: "failed", error }, over);
  }
}

function notBegun(end: EndMessage): Running {
  return {
    ended: Promise.resolve(end),
    abort: () => {},
    flush: async () => {},
    unbeaten: () => undefined,
    beaten: () => {},
  };
}
