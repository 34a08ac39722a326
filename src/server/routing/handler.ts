import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Eventually, whenThere } from "../../core/scheduling/promises.ts";
import { authenticated } from "../access/access.ts";
import { type CorsOptions, isPreflight, withCors } from "../access/cors.ts";
import { refuseForeignPages } from "../access/cross-origin.ts";
import { createServing, type HandlerParts } from "../context.ts";
import type { Handler, HttpRequest, HttpResponse } from "../http/exchange.ts";
import { contentLength } from "../http/headers.ts";
import { problemResponse, Refusal, SECURE } from "../http/problems.ts";
import { createRefusing } from "../overload/shedding.ts";
import { createRequestObserver, type Seen } from "../telemetry/request-observer.ts";
import { findPlace, nothingHere } from "./find-route.ts";
import { createRoutes } from "./routes.ts";

export type { Handler } from "../http/exchange.ts";

/** How long closing waits for answers that are under way. */
const CLOSE_MS = 5000;

/**
 * Makes the handler of all requests below the base path, over any transport. Needs an open store.
 *
 * @throws DefinitionError for a resource type whose path the server needs itself
 */
export function createHandler(parts: HandlerParts): Handler {
  checkPaths(parts.types);
  const { options, log, clock } = parts;
  const serving = createServing(parts);
  const observer = createRequestObserver({ ...parts, requestLog: options.requestLog });
  const routes = createRoutes(serving, parts.types, parts.undeclared ?? []);
  const { admission } = serving;
  const refusing = createRefusing({ admission, clock, shed: parts.telemetry.metrics.shed });
  const underWay = new UnderWay();

  const respond = (seen: Seen): Eventually<HttpResponse> => {
    const { request } = seen;
    const { method, path } = request;
    if (!path.startsWith(`${options.basePath}/`)) throw nothingHere();
    const refused = refusing.refuse(request, path.slice(options.basePath.length));
    if (refused !== undefined) return refused;
    // A browser sends no credentials with it, so it tells of no path more than of another.
    if (options.cors !== undefined && isPreflight(request)) return { status: 204, headers: SECURE };
    refuseForeignPages(request, options);
    // Before anything is told: which paths there are is not for everybody to know either.
    return whenThere(authenticated(request, options), (principal) => {
      const { place, id } = findPlace(routes, path, options.basePath.length);
      seen.route = place.route;
      if (method === "OPTIONS") return { status: 204, headers: ["Allow", place.allow, ...SECURE] };
      const endpoint = place.endpoints.get(method === "HEAD" ? "GET" : method);
      if (endpoint === undefined) throw methodNotAllowed(method, place.allow);
      return observer.traced(seen, (trace) => endpoint({ request, principal, id, trace }));
    });
  };

  const finished = (seen: Seen, response: HttpResponse): HttpResponse => {
    observer.answered(seen, response);
    return shaped(response, seen.request, options.cors);
  };

  const failed = (seen: Seen, error: unknown): HttpResponse =>
    finished(seen, problemResponse(error, seen.request.path, log));

  const awaited = async (seen: Seen, response: Promise<HttpResponse>): Promise<HttpResponse> => {
    underWay.begin();
    try {
      return finished(seen, await response);
    } catch (error) {
      return failed(seen, error);
    } finally {
      underWay.end();
    }
  };

  const handle = (request: HttpRequest): Eventually<HttpResponse> => {
    const seen: Seen = { request, route: "", trace: undefined, beganAt: clock.monotonic() };
    try {
      const response = respond(seen);
      return response instanceof Promise ? awaited(seen, response) : finished(seen, response);
    } catch (error) {
      return failed(seen, error);
    }
  };

  return Object.assign(handle, {
    async close() {
      refusing.close();
      serving.hub.close();
      serving.outside?.due.close();
      await underWay.idle(clock, CLOSE_MS);
    },
  });
}

const RESERVED_PATHS: ReadonlySet<string> = new Set(["dashboard", "operations", "messages", "worker"]);

function checkPaths(types: readonly ResourceType[]): void {
  for (const { name, path } of types) {
    if (RESERVED_PATHS.has(path)) {
      throw new DefinitionError(`${name}: path: ${JSON.stringify(path)} is reserved; choose another`);
    }
  }
}

function methodNotAllowed(method: string, allow: string): Refusal {
  return new Refusal("method-not-allowed", `${method} is not for this path, which takes ${allow}.`, {
    headers: ["Allow", allow],
  });
}

function shaped(response: HttpResponse, request: HttpRequest, cors: CorsOptions | undefined): HttpResponse {
  const shared = cors === undefined ? response : withCors(response, request, cors);
  return request.method === "HEAD" ? withoutBody(shared) : shared;
}

function withoutBody({ status, headers, body, close }: HttpResponse): HttpResponse {
  const isSized = typeof body !== "string" || headers.includes("Content-Length");
  return {
    status,
    headers: isSized ? headers : [...headers, ...contentLength(body)],
    ...(close === undefined ? {} : { close }),
  };
}

/** Counts what is under way, so that closing can wait for it. */
class UnderWay {
  #count = 0;
  #onIdle: (() => void) | undefined;

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) this.#onIdle?.();
  }

  /** Resolves once nothing is under way, or when the time is up. */
  async idle(clock: Pick<Clock, "after">, ms: number): Promise<void> {
    if (this.#count === 0) return;
    const idle = Promise.withResolvers<void>();
    this.#onIdle = idle.resolve;
    const cancel = clock.after(ms, idle.resolve);
    await idle.promise;
    cancel();
  }
}
