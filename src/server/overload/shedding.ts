import type { Clock } from "../../core/scheduling/clock.ts";
import type { Counter } from "../../telemetry/metric.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { overloadedResponse } from "../http/problems.ts";
import { EVENTS_TYPE } from "../request/negotiate.ts";
import type { Admission, Priority } from "./admission.ts";

export interface LoadShedderParts {
  readonly admission: Admission;
  readonly clock: Clock;
  readonly shed: Counter;
}

export interface LoadShedder {
  /** Gives the answer to a request that cannot be served in time. @param path without the base path */
  readonly reject: (request: HttpRequest, path: string) => Promise<HttpResponse> | HttpResponse | undefined;
  /** Whoever is about to be refused is refused now. */
  readonly close: () => void;
}

/** How many requests are refused in a second in any case. */
const MIN_REJECTIONS_PER_SECOND = 200;
/** And how many for each write that is committed: so refusing takes a small part of the time that serving takes, on any machine. */
const REJECTIONS_PER_WRITE = 0.5;

/** Seconds, drawn from 1 to so many: those who were refused together do not come back together. */
const MAX_RETRY_SECONDS = 3;

/** Told from the head alone, before anybody is asked who it is: refusing has to be cheap. */
export function createLoadShedder({ admission, clock, shed }: LoadShedderParts): LoadShedder {
  const rejections = new TokenBucket(clock, () =>
    Math.max(MIN_REJECTIONS_PER_SECOND, admission.ratePerSecond() * REJECTIONS_PER_WRITE),
  );
  const rejection = ({ path }: HttpRequest): HttpResponse =>
    overloadedResponse(path, 1 + Math.floor(clock.random() * MAX_RETRY_SECONDS));
  return {
    reject(request, path) {
      const priority = priorityOf(request, path);
      if (priority === undefined || admission.admits(priority)) return undefined;
      shed.of({ "afoot.priority": priority }).add();
      return rejections.acquire()?.then(() => rejection(request)) ?? rejection(request);
    },
    close: () => rejections.close(),
  };
}

/**
 * In which order a request is refused; undefined where it never is: what workers say ends work. What cancels or deletes takes load
 * away, and what outside processes say of theirs does too.
 */
export function priorityOf(request: Pick<HttpRequest, "method" | "header">, path: string): Priority | undefined {
  const { method } = request;
  if (path.startsWith("/worker/")) return undefined;
  if (method === "GET" || method === "HEAD") return wantsToWait(request) ? "hold" : "rest";
  if (method === "DELETE" || method === "OPTIONS" || path === "/messages" || path.endsWith("/cancel")) return "rest";
  return "write";
}

function wantsToWait(request: Pick<HttpRequest, "header">): boolean {
  const isWaiting = request.header("prefer")?.includes("wait") === true;
  return isWaiting || request.header("accept")?.includes(EVENTS_TYPE) === true;
}

/** How often those are let go who have waited for their turn. */
const RELEASE_INTERVAL_MS = 10;

/**
 * Lets so many through in a second, and the others one after the other. To refuse costs time as well: a client that is refused at
 * once asks again at once, and in the end the server does nothing else. One that is answered a moment later asks a moment later.
 */
export class TokenBucket {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #perSecond: () => number;
  readonly #waiting = new Set<() => void>();
  #tokens: number;
  #countedAt: number;
  #isTicking = false;

  /** @param perSecond how many at the moment */
  constructor(clock: Pick<Clock, "after" | "monotonic">, perSecond: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond() / 10;
    this.#countedAt = clock.monotonic();
  }

  /** Resolves when it is one's turn; undefined where that is now. */
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

  /** Nobody waits any longer. */
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
