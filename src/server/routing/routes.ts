import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { dashboardEndpoints } from "../dashboard/endpoints.ts";
import { actionEndpoint } from "../endpoints/action.ts";
import { cancelEndpoint } from "../endpoints/cancel.ts";
import { createEndpoint } from "../endpoints/create.ts";
import { deleteEndpoint } from "../endpoints/delete.ts";
import { getEndpoint } from "../endpoints/get.ts";
import { historyEndpoint } from "../endpoints/history.ts";
import { listEndpoint } from "../endpoints/list.ts";
import { messagesEndpoint } from "../endpoints/messages.ts";
import { operationEndpoint } from "../endpoints/operation.ts";
import { patchEndpoint } from "../endpoints/patch.ts";
import { putEndpoint } from "../endpoints/put.ts";
import { receiveEndpoint } from "../endpoints/receive.ts";
import { retryEndpoint } from "../endpoints/retry.ts";
import { workerEndpoints } from "../endpoints/worker.ts";
import { createWriteResponses } from "../writing/write-responses.ts";

/** All routes below the base path, by path segments. */
export interface Routes extends ExtraRoutes {
  /** Routes of resource types, by collection segment. */
  readonly collections: ReadonlyMap<string, CollectionRoutes>;
  /** `operations/{id}`, if operations are served. */
  readonly operation: Route | undefined;
}

export interface CollectionRoutes {
  readonly collection: Route;
  readonly resource: Route;
  /** Routes below a resource, by segment: `cancel`, `retry`, `history`, actions, messages. */
  readonly members: ReadonlyMap<string, Route>;
}

/** Creates all routes. @param undeclared read-only types */
export function createRoutes(
  context: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): Routes {
  return {
    collections: new Map([
      ...undeclared.map((type) => [type.path, readOnlyRoutes(context, type)] as const),
      ...types.map((type) => [type.path, collectionRoutes(context, type)] as const),
    ]),
    operation: context.options.operations
      ? route(`${context.options.basePath}/operations/{id}`, { GET: operationEndpoint(context, types) })
      : undefined,
    dashboard: dashboardRoutes(context, types, undeclared),
    ...externalRoutes(context, types),
  };
}

function collectionRoutes(context: EndpointContext, type: ResourceType): CollectionRoutes {
  const responses = createWriteResponses(context, type);
  const collection = `${context.options.basePath}/${type.path}`;
  const members = new Map<string, Route>();
  const addMember = (name: string, endpoints: Readonly<Record<string, Endpoint>>): void => {
    members.set(name, route(`${collection}/{id}/${name}`, endpoints));
  };
  addMember("history", { GET: historyEndpoint(context, type) });
  addMember("cancel", { POST: cancelEndpoint(context, type, responses) });
  addMember("retry", { POST: retryEndpoint(context, type, responses) });
  for (const [kind, operation] of type.operations) {
    if (!METHOD_KINDS.has(kind)) addMember(kind, { POST: actionEndpoint(context, type, responses, operation) });
  }
  for (const [name, schema] of type.receives) {
    addMember(name, { POST: receiveEndpoint(context, type, responses, { name, ...schema }) });
  }
  return {
    collection: route(collection, { GET: listEndpoint(context, type), POST: createEndpoint(context, type, responses) }),
    resource: route(`${collection}/{id}`, {
      GET: getEndpoint(context, type),
      PUT: putEndpoint(context, type, responses),
      ...(type.operations.has("update") ? { PATCH: patchEndpoint(context, type, responses) } : {}),
      DELETE: deleteEndpoint(context, type, responses),
    }),
    members,
  };
}

function readOnlyRoutes(context: EndpointContext, type: ResourceType): CollectionRoutes {
  const collection = `${context.options.basePath}/${type.path}`;
  const history = route(`${collection}/{id}/history`, { GET: historyEndpoint(context, type) });
  return {
    collection: route(collection, { GET: listEndpoint(context, type) }),
    resource: route(`${collection}/{id}`, { GET: getEndpoint(context, type) }),
    members: new Map([["history", history]]),
  };
}

/** Operation kinds that have an HTTP method instead of a path. */
const METHOD_KINDS: ReadonlySet<string> = new Set(["create", "update", "delete"]);

/** The endpoints of a path by method, and its `Allow` header. */
export interface Route {
  /** Template of the path, such as `/api/orders/{id}`. Metrics and traces use it as the name of the route. */
  readonly template: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly allow: string;
}

export function route(template: string, endpoints: Readonly<Record<string, Endpoint>>): Route {
  const methods = Object.keys(endpoints).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { template, endpoints: new Map(Object.entries(endpoints)), allow: [...methods, "OPTIONS"].join(", ") };
}

/** Routes besides the collections. */
interface ExtraRoutes {
  /** `messages`, if the server accepts status messages. */
  readonly messages: Route | undefined;
  /** Routes below `dashboard`, by view; empty if the dashboard is not served. */
  readonly dashboard: ReadonlyMap<string, Route>;
  /** Routes below `worker`, by kind of request; empty if workers are not served. */
  readonly worker: ReadonlyMap<string, Route>;
}

/** Creates the routes of the dashboard, if it is served. */
function dashboardRoutes(
  context: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): ExtraRoutes["dashboard"] {
  const { dashboard, basePath } = context.options;
  const views = dashboard ? dashboardEndpoints(context, types, undeclared) : [];
  return new Map(views.map(([name, endpoint]) => [name, route(`${basePath}/dashboard/${name}`, { GET: endpoint })]));
}

/** Creates the routes of external processes, as far as they are served. */
function externalRoutes(
  context: EndpointContext,
  types: readonly ResourceType[],
): Pick<ExtraRoutes, "messages" | "worker"> {
  const { external, options } = context;
  const acceptsMessages = external !== undefined && options.messages;
  const requests = external !== undefined && options.worker ? workerEndpoints(context, types, external) : [];
  return {
    messages: acceptsMessages
      ? route(`${options.basePath}/messages`, { POST: messagesEndpoint(context, external) })
      : undefined,
    worker: new Map(
      requests.map(([kind, endpoint]) => [kind, route(`${options.basePath}/worker/${kind}`, { POST: endpoint })]),
    ),
  };
}
