import type { Clock } from "../../core/scheduling/clock.ts";
import { type MaybePromise, thenSync } from "../../core/scheduling/promises.ts";
import { authenticateRequest } from "../access/access.ts";
import { type CorsOptions, isPreflight, withCors } from "../access/cors.ts";
import { rejectCrossOriginWrites } from "../access/cross-origin.ts";
import { createEndpointContext, type HandlerParts } from "../context.ts";
import type { Handler, HttpRequest, HttpResponse } from "../http/exchange.ts";
import { contentLengthHeader } from "../http/headers.ts";
import { problemResponse, Refusal, SECURITY_HEADERS } from "../http/problems.ts";
import { createLoadShedder } from "../overload/shedding.ts";
import { createRequestTelemetry, type RequestRecord } from "../telemetry/request-telemetry.ts";
import { matchRoute, notFound } from "./find-route.ts";
import { createRoutes } from "./routes.ts";

export type { Handler } from "../http/exchange.ts";

/** How long closing waits for answers that are under way. */
const MAX_CLOSE_MS = 5000;

/** Creates the handler of all requests below the base path, for any transport. The store must be open. */
export function createHandler(parts: HandlerParts): Handler {
  const { options, log, clock } = parts;
  const context = createEndpointContext(parts);
  const requestTelemetry = createRequestTelemetry({ ...parts, requestLog: options.requestLog });
  const routes = createRoutes(context, parts.types, parts.undeclared ?? []);
  const { admission } = context;
  const shedder = createLoadShedder({ admission, clock, shed: parts.telemetry.metrics.shed });
  const inFlight = new InFlightCounter();

  const respond = (seen: RequestRecord): MaybePromise<HttpResponse> => {
    const { request } = seen;
    const { method, path } = request;
    if (!path.startsWith(`${options.basePath}/`)) throw notFound();
    const rejected = shedder.reject(request, path.slice(options.basePath.length));
    if (rejected !== undefined) return rejected;
    // A browser sends no credentials with it, so it tells of no path more than of another.
    if (options.cors !== undefined && isPreflight(request)) return { status: 204, headers: SECURITY_HEADERS };
    rejectCrossOriginWrites(request, options);
    // Before anything is told: which paths there are is not for everybody to know either.
    return thenSync(authenticateRequest(request, options), (principal) => {
      const { route: place, id } = matchRoute(routes, path, options.basePath.length);
      seen.route = place.template;
      if (method === "OPTIONS") return { status: 204, headers: ["Allow", place.allow, ...SECURITY_HEADERS] };
      const endpoint = place.endpoints.get(method === "HEAD" ? "GET" : method);
      if (endpoint === undefined) throw methodNotAllowed(method, place.allow);
      return requestTelemetry.trace(seen, (trace) => endpoint({ http: request, principal, id, traceparent: trace }));
    });
  };

  const complete = (seen: RequestRecord, response: HttpResponse): HttpResponse => {
    requestTelemetry.onCompleted(seen, response);
    return applyHeadAndCors(response, seen.request, options.cors);
  };

  const fail = (seen: RequestRecord, error: unknown): HttpResponse =>
    complete(seen, problemResponse(error, seen.request.path, log));

  const completeAsync = async (seen: RequestRecord, response: Promise<HttpResponse>): Promise<HttpResponse> => {
    inFlight.begin();
    try {
      return complete(seen, await response);
    } catch (error) {
      return fail(seen, error);
    } finally {
      inFlight.end();
    }
  };

  const handle = (request: HttpRequest): MaybePromise<HttpResponse> => {
    const seen: RequestRecord = { request, route: "", traceparent: undefined, beganAt: clock.monotonic() };
    try {
      const response = respond(seen);
      return response instanceof Promise ? completeAsync(seen, response) : complete(seen, response);
    } catch (error) {
      return fail(seen, error);
    }
  };

  return Object.assign(handle, {
    async close() {
      shedder.close();
      context.longPolls.close();
      context.external?.waitingClaims.close();
      await inFlight.idle(clock, MAX_CLOSE_MS);
    },
  });
}

function methodNotAllowed(method: string, allow: string): Refusal {
  return new Refusal("method-not-allowed", `${method} is not for this path, which takes ${allow}.`, {
    headers: ["Allow", allow],
  });
}

function applyHeadAndCors(response: HttpResponse, request: HttpRequest, cors: CorsOptions | undefined): HttpResponse {
  const shared = cors === undefined ? response : withCors(response, request, cors);
  return request.method === "HEAD" ? withoutBody(shared) : shared;
}

function withoutBody({ status, headers, body, close }: HttpResponse): HttpResponse {
  const isSized = typeof body !== "string" || headers.includes("Content-Length");
  return {
    status,
    headers: isSized ? headers : [...headers, ...contentLengthHeader(body)],
    ...(close === undefined ? {} : { close }),
  };
}

/** Counts what is under way, so that closing can wait for it. */
class InFlightCounter {
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
