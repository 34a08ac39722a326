import type { Principal } from "../../core/principal.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type MaybePromise, thenMaybe } from "../../core/scheduling/promises.ts";
import { authenticateRequest } from "../access/access.ts";
import { type CorsOptions, isPreflight, withCors } from "../access/cors.ts";
import { rejectCrossOriginWrites } from "../access/cross-origin.ts";
import { createEndpointContext, type Endpoint, type EndpointContext, type HandlerParts } from "../context.ts";
import type { Handler, HttpRequest, HttpResponse } from "../http/exchange.ts";
import { withoutBody } from "../http/headers.ts";
import { type ProblemContext, problemResponse, Refusal, SECURITY_HEADERS } from "../http/problems.ts";
import { createLoadShedder } from "../overload/shedding.ts";
import { createRequestTelemetry, type RequestRecord } from "../telemetry/request-telemetry.ts";
import { matchRoute, notFound } from "./find-route.ts";
import type { Route } from "./route.ts";
import { createRoutes } from "./routes.ts";

export type { Handler } from "../http/exchange.ts";

/** Maximum time that closing waits for requests in flight. */
const MAX_CLOSE_MS = 5000;

/** Creates the handler of all requests below the base path, for any transport. The store must be open. */
export function createHandler(parts: HandlerParts): Handler {
  const { options, log, clock } = parts;
  const context = createEndpointContext(parts);
  const { admission } = context;
  const problemContext = createProblemContext(context);
  const requestTelemetry = createRequestTelemetry({ ...parts, problemContext, requestLog: options.requestLog });
  const routes = createRoutes(context, parts.types, parts.undeclared ?? []);
  const shedder = createLoadShedder({ admission, clock, problemContext, shed: parts.telemetry.metrics.shed });
  const inFlight = new InFlightCounter();
  const pathPrefix = `${options.basePath}/`;

  const respond = (record: RequestRecord): MaybePromise<HttpResponse> => {
    const { request } = record;
    if (!request.path.startsWith(pathPrefix)) throw notFound();
    const rejected = shedder.reject(request, options.basePath.length);
    if (rejected !== undefined) return rejected;
    // A preflight has no credentials, so its response must be the same for every path.
    if (options.cors !== undefined && isPreflight(request)) return { status: 204, headers: SECURITY_HEADERS };
    rejectCrossOriginWrites(request, options);
    // Authenticate before routing, so that 404 and 405 reveal nothing to anonymous clients.
    return thenMaybe(authenticateRequest(request, options), (principal) => respondTo(record, principal));
  };

  const respondTo = (record: RequestRecord, principal: Principal | undefined): MaybePromise<HttpResponse> => {
    const { request } = record;
    const { route, id } = matchRoute(routes, request.path, options.basePath.length);
    record.route = route.template;
    if (request.method === "OPTIONS") return { status: 204, headers: ["Allow", route.allow, ...SECURITY_HEADERS] };
    return requestTelemetry.trace(record, endpointOf(route, request.method), principal, id);
  };

  const complete = (record: RequestRecord, response: HttpResponse): HttpResponse => {
    requestTelemetry.onCompleted(record, response);
    return applyHeadAndCors(response, record.request, options.cors);
  };

  const fail = (record: RequestRecord, error: unknown): HttpResponse =>
    complete(record, problemResponse(error, problemContext(record.request), log));

  const completeAsync = async (record: RequestRecord, response: Promise<HttpResponse>): Promise<HttpResponse> => {
    inFlight.begin();
    try {
      return complete(record, await response);
    } catch (error) {
      return fail(record, error);
    } finally {
      inFlight.end();
    }
  };

  const handle = (request: HttpRequest): MaybePromise<HttpResponse> => {
    const record: RequestRecord = { request, route: "", traceparent: undefined, beganAt: clock.monotonic() };
    try {
      const response = respond(record);
      return response instanceof Promise ? completeAsync(record, response) : complete(record, response);
    } catch (error) {
      return fail(record, error);
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

/** Returns the context of the problem details of a request. */
function createProblemContext({
  publicPath,
  options: { problemTypes },
}: EndpointContext): (request: HttpRequest) => ProblemContext {
  return (request) => ({ path: publicPath(request.path, request), problemTypes });
}

/** @throws Refusal `method-not-allowed` */
function endpointOf({ endpoints, allow }: Route, method: string): Endpoint {
  const endpoint = endpoints.get(method === "HEAD" ? "GET" : method);
  if (endpoint !== undefined) return endpoint;
  const detail = `${method} is not supported here; allowed: ${allow}.`;
  throw new Refusal("method-not-allowed", detail, { headers: ["Allow", allow] });
}

function applyHeadAndCors(response: HttpResponse, request: HttpRequest, cors: CorsOptions | undefined): HttpResponse {
  const shared = cors === undefined ? response : withCors(response, request, cors);
  return request.method === "HEAD" ? withoutBody(shared) : shared;
}

/** Counts the requests in flight, so that closing can wait for them. */
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

  /** Resolves when no request is in flight, after `ms` at the latest. */
  async idle(clock: Pick<Clock, "after">, ms: number): Promise<void> {
    if (this.#count === 0) return;
    const idle = Promise.withResolvers<void>();
    this.#onIdle = idle.resolve;
    const cancel = clock.after(ms, idle.resolve);
    await idle.promise;
    cancel();
  }
}
