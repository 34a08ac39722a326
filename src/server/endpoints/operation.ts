import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { isVisible } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { JSON_HEADERS } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import { type OperationView, viewFromHistory, currentView } from "../representation/operation-view.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { decodeParameter, parseQuery } from "../request/query.ts";
import { retryAfterSeconds } from "../timing/retry-after.ts";

const PARAMETERS = ["resource"];

/** How much of a timeline is searched for an operation that is not the latest. */
const MOST_ENTRIES = 10_000;

/** `GET /operations/{id}`: an operation as clients of the status-monitor style read it. */
export function operationEndpoint(context: EndpointContext, types: readonly ResourceType[]): Endpoint {
  const byName = new Map(types.map((type) => [type.name, type]));
  const byPath = new Map(types.map((type) => [type.path, type]));

  return async (request) => {
    const query = parseQuery(request.http.query, PARAMETERS);
    negotiate(request.http.header("accept"), [JSON_TYPE]);
    const [row] = await context.store.readByOperation([request.id]);
    const [path = "", id = ""] = decodeParameter(query.get("resource") ?? "").split("/");
    const found = row === undefined ? { type: byPath.get(path), id } : { type: byName.get(row.type), id: row.id };
    const view = found.type === undefined ? undefined : await viewed(request, found.type, found.id);
    if (view === undefined) throw new Refusal("operation-not-found", "There is no operation of this id.");
    return view;
  };

  async function viewed(request: EndpointRequest, type: ResourceType, id: string): Promise<HttpResponse | undefined> {
    const stored = await context.read({ type: type.name, id });
    if (stored === undefined || !(await isVisible(context, request, stored))) return undefined;
    const ask = context.refreshers.get(type.name);
    return answered(request, type, ask === undefined ? stored : await ask(stored));
  }

  async function answered(
    request: EndpointRequest,
    type: ResourceType,
    resource: Resource,
  ): Promise<HttpResponse | undefined> {
    const location = `${context.options.basePath}/${type.path}/${resource.id}`;
    const view = await viewIn(request.id, resource, location);
    if (view === undefined) return undefined;
    const now = context.clock.now();
    const isRunning = view.status === "Running";
    const seconds = retryAfterSeconds(resource, isRunning ? context.estimates.estimate(resource, now) : undefined, now);
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...(isRunning ? ["Retry-After", String(seconds)] : [])],
      body: JSON.stringify(view),
    };
  }

  async function viewIn(id: string, resource: Resource, location: string): Promise<OperationView | undefined> {
    const { operation, error, type } = resource;
    if (operation.id === id) return currentView(operation, error, location);
    if (operation.requestedDelete === id && operation.settledAt === null) {
      return { id, status: "Running", percentComplete: 0, resource: location };
    }
    const entries = await context.store.history({ key: { type, id: resource.id }, limit: MOST_ENTRIES });
    return viewFromHistory(id, entries, location);
  }
}
