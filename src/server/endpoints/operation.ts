import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { isVisible } from "../access/visibility.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import {
  awaitedMessages,
  awaitsMessages,
  type OperationView,
  viewFromHistory,
  currentView,
  requestedView,
} from "../representation/operation-view.ts";
import { negotiate } from "../request/negotiate.ts";
import { decodeParameter, parseQuery } from "../request/query.ts";
import { retryAfterSeconds } from "../timing/retry-after.ts";

const PARAMETERS = ["resource"];

/** Maximum number of history entries searched for an earlier operation. */
const MAX_HISTORY_ENTRIES = 10_000;

/** `GET /operations/{id}`: an operation for clients of the status monitor pattern. */
export function operationEndpoint(context: EndpointContext, types: readonly ResourceType[]): Endpoint {
  const byName = new Map(types.map((type) => [type.name, type]));
  const byPath = new Map(types.map((type) => [type.path, type]));

  return async (request) => {
    const query = parseQuery(request.http.query, PARAMETERS);
    negotiate(request.http.header("accept"), [JSON_TYPE]);
    const [row] = await context.store.readByOperation([request.id]);
    const [path = "", id = ""] = decodeParameter(query.get("resource") ?? "").split("/", 3);
    const found = row === undefined ? { type: byPath.get(path), id } : { type: byName.get(row.type), id: row.id };
    const view = found.type === undefined ? undefined : await findView(request, found.type, found.id);
    if (view === undefined) throw new Refusal("operation-not-found", "There is no operation with this id.");
    return view;
  };

  async function findView(request: EndpointRequest, type: ResourceType, id: string): Promise<HttpResponse | undefined> {
    const stored = await context.read({ type: type.name, id });
    if (stored === undefined || !(await isVisible(context, request, stored))) return undefined;
    const refresh = context.refreshers.get(type.name);
    return respond(request, type, refresh === undefined ? stored : await refresh(stored));
  }

  async function respond(
    request: EndpointRequest,
    type: ResourceType,
    resource: Resource,
  ): Promise<HttpResponse | undefined> {
    const path = `${context.options.basePath}/${type.path}/${resource.id}`;
    const location = context.publicPath(path, request.http);
    const view = await viewOf(request.id, resource, location);
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

  async function viewOf(id: string, resource: Resource, location: string): Promise<OperationView | undefined> {
    const { operation, type } = resource;
    const readHistory = () => context.store.history({ key: { type, id: resource.id }, limit: MAX_HISTORY_ENTRIES });
    if (operation.id === id) {
      const awaiting = awaitsMessages(operation) ? awaitedMessages(operation, await readHistory()) : [];
      return currentView(resource, location, awaiting);
    }
    if (operation.requestedDelete === id && operation.settledAt === null) return requestedView(id, resource, location);
    return viewFromHistory(id, await readHistory(), location);
  }
}
