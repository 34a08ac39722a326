import type { Clock } from "../../core/scheduling/clock.ts";
import type { Counter } from "../../telemetry/metric.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { EVENTS_TYPE } from "../http/headers.ts";
import { overloadedResponse, type ProblemContext } from "../http/problems.ts";
import type { Admission, Priority } from "./admission.ts";

export interface LoadShedderParts {
  readonly admission: Admission;
  readonly clock: Clock;
  readonly problemContext: (request: HttpRequest) => ProblemContext;
  readonly shed: Counter;
}

export interface LoadShedder {
  /**
   * Returns the 503 for a request that cannot be served in time; undefined if it can.
   *
   * @param from the end of the base path
   */
  readonly reject: (request: HttpRequest, from: number) => Promise<HttpResponse> | HttpResponse | undefined;
  /** Sends all delayed rejections immediately. */
  readonly close: () => void;
}

/** Minimum rate of rejections per second. */
const MIN_REJECTIONS_PER_SECOND = 200;
/** Rejections per committed write. Rejecting then takes a small part of the time that serving takes, on any machine. */
const REJECTIONS_PER_WRITE = 0.5;

/**
 * Maximum `Retry-After` of a rejection. It is random from 1 on, so that clients rejected together do not retry
 * together.
 */
const MAX_RETRY_SECONDS = 3;

/**
 * Creates a load shedder. It reads only the headers and runs before authentication, because rejecting must be cheap.
 */
export function createLoadShedder({ admission, clock, problemContext, shed }: LoadShedderParts): LoadShedder {
  const rejections = new TokenBucket(clock, () =>
    Math.max(MIN_REJECTIONS_PER_SECOND, admission.ratePerSecond() * REJECTIONS_PER_WRITE),
  );
  const rejection = (request: HttpRequest): HttpResponse =>
    overloadedResponse(problemContext(request), 1 + Math.floor(clock.random() * MAX_RETRY_SECONDS));
  return {
    reject(request, from) {
      const priority = priorityOf(request, request.path, from);
      if (priority === undefined || admission.admits(priority)) return undefined;
      shed.of({ "afoot.priority": priority }).add();
      return rejections.acquire()?.then(() => rejection(request)) ?? rejection(request);
    },
    close: () => rejections.close(),
  };
}

/**
 * Returns the priority of a request; undefined if it is never rejected. Requests of workers are not, because they
 * finish work. Cancellations, deletions and messages of external processes reduce the load too, so they have the
 * priority "other".
 *
 * @param from the end of the base path
 */
export function priorityOf(
  request: Pick<HttpRequest, "method" | "header">,
  path: string,
  from: number,
): Priority | undefined {
  const { method } = request;
  if (path.startsWith("/worker/", from)) return undefined;
  if (method === "GET" || method === "HEAD") return wantsToWait(request) ? "long-poll" : "other";
  const isReducing = path.endsWith("/cancel") || path.slice(from) === "/messages";
  return method === "DELETE" || method === "OPTIONS" || isReducing ? "other" : "write";
}

function wantsToWait(request: Pick<HttpRequest, "header">): boolean {
  const isWaiting = request.header("prefer")?.includes("wait") === true;
  return isWaiting || request.header("accept")?.includes(EVENTS_TYPE) === true;
}

/** Interval at which waiting callers are released. */
const RELEASE_INTERVAL_MS = 10;

/**
 * Token bucket: admits `perSecond()` callers per second and queues the rest. Rejections cost time too: a client that is
 * rejected immediately retries immediately, until the server does nothing but reject. A delayed rejection delays the
 * retry.
 */
export class TokenBucket {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #perSecond: () => number;
  readonly #waiting = new Set<() => void>();
  #tokens: number;
  #countedAt: number;
  #isTicking = false;

  /** @param perSecond returns the current rate */
  constructor(clock: Pick<Clock, "after" | "monotonic">, perSecond: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond() / 10;
    this.#countedAt = clock.monotonic();
  }

  /** Takes a token. Returns undefined if one is available, or else a promise that resolves when one is. */
  acquire(): Promise<void> | undefined {
    this.#count();
    if (this.#waiting.size === 0 && this.#tokens >= 1) {
      this.#tokens--;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#tick();
    });
  }

  /** Releases all waiting callers. */
  close(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #count(): void {
    const now = this.#clock.monotonic();
    const perSecond = this.#perSecond();
    this.#tokens = Math.min(perSecond / 10, this.#tokens + ((now - this.#countedAt) * perSecond) / 1000);
    this.#countedAt = now;
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#clock.after(RELEASE_INTERVAL_MS, () => {
      this.#isTicking = false;
      this.#count();
      for (const resolve of this.#waiting) {
        if (this.#tokens < 1) break;
        this.#tokens--;
        this.#waiting.delete(resolve);
        resolve();
      }
      if (this.#waiting.size > 0) this.#tick();
    });
  }
}
