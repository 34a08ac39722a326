import type { Clock } from "../../core/scheduling/clock.ts";
import type { Counter } from "../../telemetry/metric.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { overloaded } from "../http/problems.ts";
import { EVENTS_TYPE } from "../request/negotiate.ts";
import type { Admission, Rank } from "./admission.ts";

export interface RefusingParts {
  readonly admission: Admission;
  readonly clock: Clock;
  readonly shed: Counter;
}

export interface Refusing {
  /** Gives the answer to a request that cannot be served in time. @param path without the base path */
  readonly refuse: (request: HttpRequest, path: string) => Promise<HttpResponse> | HttpResponse | undefined;
  /** Whoever is about to be refused is refused now. */
  readonly close: () => void;
}

/** How many requests are refused in a second in any case. */
const LEAST_PER_SECOND = 200;
/** And how many for each write that is committed: so refusing takes a small part of the time that serving takes, on any machine. */
const PER_WRITE = 0.5;

/** Seconds, drawn from 1 to so many: those who were refused together do not come back together. */
const RETRY_SECONDS = 3;

/** Told from the head alone, before anybody is asked who it is: refusing has to be cheap. */
export function createRefusing({ admission, clock, shed }: RefusingParts): Refusing {
  const pacer = new Pacer(clock, () => Math.max(LEAST_PER_SECOND, admission.ratePerSecond() * PER_WRITE));
  const refusal = ({ path }: HttpRequest): HttpResponse =>
    overloaded(path, 1 + Math.floor(clock.random() * RETRY_SECONDS));
  return {
    refuse(request, path) {
      const rank = rankOf(request, path);
      if (rank === undefined || admission.admits(rank)) return undefined;
      shed.of({ "afoot.rank": rank }).add();
      return pacer.turn()?.then(() => refusal(request)) ?? refusal(request);
    },
    close: () => pacer.close(),
  };
}

/**
 * In which order a request is refused; undefined where it never is: what workers say ends work. What cancels or deletes takes load
 * away, and what outside processes say of theirs does too.
 */
export function rankOf(request: Pick<HttpRequest, "method" | "header">, path: string): Rank | undefined {
  const { method } = request;
  if (path.startsWith("/worker/")) return undefined;
  if (method === "GET" || method === "HEAD") return wantsHolding(request) ? "hold" : "rest";
  if (method === "DELETE" || method === "OPTIONS" || path === "/messages" || path.endsWith("/cancel")) return "rest";
  return "write";
}

function wantsHolding(request: Pick<HttpRequest, "header">): boolean {
  const isWaiting = request.header("prefer")?.includes("wait") === true;
  return isWaiting || request.header("accept")?.includes(EVENTS_TYPE) === true;
}

/** How often those are let go who have waited for their turn. */
const TICK_MS = 10;

/**
 * Lets so many through in a second, and the others one after the other. To refuse costs time as well: a client that is refused at
 * once asks again at once, and in the end the server does nothing else. One that is answered a moment later asks a moment later.
 */
export class Pacer {
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
  turn(): Promise<void> | undefined {
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
    this.#clock.after(TICK_MS, () => {
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
