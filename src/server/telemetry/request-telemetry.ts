import type { Log } from "../../core/ports/log.ts";
import type { Principal } from "../../core/principal.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import { parseTraceparent, traceField } from "../../core/trace-context.ts";
import type { Histogram, HistogramSeries } from "../../telemetry/metric.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { traceparentOf, type Tracing } from "../../telemetry/tracing.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { type ProblemContext, problemResponse } from "../http/problems.ts";

/** Records every request: one clock read before and after, one histogram bucket, and a span and log line if configured. */
export interface RequestTelemetry {
  /** Calls an endpoint, within a span if tracing is on. */
  readonly trace: (
    record: RequestRecord,
    endpoint: TracedEndpoint,
    principal: Principal | undefined,
    id: string,
  ) => MaybePromise<HttpResponse>;
  readonly onCompleted: (record: RequestRecord, response: HttpResponse) => void;
}

/** An endpoint as far as telemetry calls it. Its parameter has the traceparent to pass on to what it starts. */
type TracedEndpoint = (request: {
  readonly http: HttpRequest;
  readonly principal: Principal | undefined;
  readonly id: string;
  readonly traceparent: string | undefined;
}) => MaybePromise<HttpResponse>;

/** A request, and the fields found while it is handled. */
export interface RequestRecord {
  readonly request: HttpRequest;
  /** Path template of the route, such as `/api/orders/{id}`; empty until a route matches. */
  route: string;
  /** The `traceparent` of its span, or the one in the request. */
  traceparent: string | undefined;
  /** Start time on the monotonic clock. */
  readonly beganAt: number;
}

export interface RequestTelemetryParts {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  readonly problemContext: (request: HttpRequest) => ProblemContext;
  readonly requestLog: boolean;
}

export function createRequestTelemetry({
  telemetry,
  clock,
  log,
  problemContext,
  requestLog,
}: RequestTelemetryParts): RequestTelemetry {
  const { tracing } = telemetry;
  const seriesOf = createSeries(telemetry.metrics.requests);
  return {
    trace: tracing === undefined ? untraced : createTraced(tracing, problemContext, log),
    onCompleted({ request, route, traceparent, beganAt }, { status, hasWaited = false }) {
      const { method, path } = request;
      const ms = clock.monotonic() - beganAt;
      seriesOf(route, method, status, hasWaited).record(ms / 1000);
      if (requestLog) {
        log.info(
          { method, path, route, status, ms: Math.round(ms), waiting: hasWaited, ...traceField(traceparent) },
          "request completed",
        );
      }
    },
  };
}

function untraced(
  record: RequestRecord,
  endpoint: TracedEndpoint,
  principal: Principal | undefined,
  id: string,
): MaybePromise<HttpResponse> {
  const { request } = record;
  const sender = request.header("traceparent");
  if (sender !== undefined && parseTraceparent(sender) !== undefined) record.traceparent = sender;
  return endpoint({ http: request, principal, id, traceparent: record.traceparent });
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
function createTraced(
  tracing: Tracing,
  problemContext: RequestTelemetryParts["problemContext"],
  log: Log,
): RequestTelemetry["trace"] {
  return async (record, endpoint, principal, id) => {
    const { request, route } = record;
    const { method, path } = request;
    const host = tracing.active();
    const span = tracing.start(`${method} ${route}`, {
      // If the host traces its requests itself, its span is the server span.
      kind: host === undefined ? "SERVER" : "INTERNAL",
      parent: host ?? request.header("traceparent"),
      attributes: { "http.request.method": method, "http.route": route, "url.path": path },
    });
    const traceparent = traceparentOf(span);
    record.traceparent = traceparent;
    let response: HttpResponse;
    try {
      response = await tracing.within(span, () => endpoint({ http: request, principal, id, traceparent }));
    } catch (error) {
      response = problemResponse(error, problemContext(request), log);
    }
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) tracing.fail(span);
    span.end();
    return response;
  };
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

type SeriesOf = (route: string, method: string, status: number, hasWaited: boolean) => HistogramSeries;

/** Creates the function that finds the series of a response with three lookups. */
function createSeries(requests: Histogram): SeriesOf {
  const byRoute = new Map<string, Map<string, HistogramSeries>[]>();
  const add = (route: string, method: string, status: number, hasWaited: boolean): HistogramSeries => {
    const created = requests.of({
      "http.request.method": METHODS.has(method) ? method : "_OTHER",
      "http.route": route,
      "http.response.status_code": status,
      "afoot.waiting": String(hasWaited),
    });
    // Method names invented by clients are not stored.
    if (!METHODS.has(method)) return created;
    const byStatus = byRoute.get(route) ?? [];
    byRoute.set(route, byStatus);
    const index = seriesIndex(status, hasWaited);
    byStatus[index] = (byStatus[index] ?? new Map<string, HistogramSeries>()).set(method, created);
    return created;
  };
  return (route, method, status, hasWaited) =>
    byRoute.get(route)?.[seriesIndex(status, hasWaited)]?.get(method) ?? add(route, method, status, hasWaited);
}

function seriesIndex(status: number, hasWaited: boolean): number {
  return status * 2 + Number(hasWaited);
}
