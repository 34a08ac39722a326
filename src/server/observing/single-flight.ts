import { type Resource, resourceKeyText } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";

export interface SingleFlightOptions {
  readonly clock: Clock;
  /** Maximum time that callers wait for a result. */
  readonly waitMs: number;
  /** Called when a result does not arrive in time. */
  readonly onLate: (resource: Resource) => void;
}

/** Maximum queries in flight. Calls beyond it resolve to undefined. */
const MAX_IN_FLIGHT = 1000;
/** A late result is still stored. No new query for the same resource starts until it arrives, or for this long. */
const ABANDONED_TTL_MS = 30_000;

type Query = (signal: AbortSignal) => Promise<Resource | undefined>;

interface Flight {
  readonly result: Promise<Resource | undefined>;
  readonly abandon: () => void;
}

/** Single flight: runs one query per resource at a time and shares its result among all callers, each waiting for a bounded time. */
export class SingleFlight {
  readonly #options: SingleFlightOptions;
  readonly #flights = new Map<string, Flight>();
  #isClosed = false;

  constructor(options: SingleFlightOptions) {
    this.#options = options;
  }

  /**
   * Resolves to the result, or to undefined if there is none in time.
   *
   * @param query must not reject; its signal is aborted once no caller waits any more
   */
  async run(resource: Resource, query: Query): Promise<Resource | undefined> {
    const name = resourceKeyText(resource);
    const running = this.#flights.get(name);
    if (running !== undefined) return running.result;
    if (this.#isClosed || this.#flights.size >= MAX_IN_FLIGHT) return undefined;
    const started = this.#start(name, resource, query);
    this.#flights.set(name, started);
    return started.result;
  }

  /** Releases all callers and starts no further query. */
  close(): void {
    this.#isClosed = true;
    for (const { abandon } of this.#flights.values()) abandon();
    this.#flights.clear();
  }

  #start(name: string, resource: Resource, query: Query): Flight {
    const { clock, waitMs, onLate } = this.#options;
    const controller = new AbortController();
    const late = Promise.withResolvers<undefined>();
    const release = (): void => {
      late.resolve(undefined);
      controller.abort(
        new DOMException("The query took too long; no caller waits for its result any more.", "TimeoutError"),
      );
    };
    const forget = (): void => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    };
    let cancelTimer = clock.after(waitMs, () => {
      cancelTimer = clock.after(ABANDONED_TTL_MS, forget);
      onLate(resource);
      release();
    });
    const completion = query(controller.signal).finally(() => {
      cancelTimer();
      forget();
    });
    const flight: Flight = {
      result: Promise.race([completion, late.promise]),
      abandon: () => {
        cancelTimer();
        release();
      },
    };
    return flight;
  }
}
