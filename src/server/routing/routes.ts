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

/** Everything served below the base path, by path segments. */
export interface Routes extends ExtraRoutes {
  /** By collection segment. */
  readonly collections: ReadonlyMap<string, CollectionRoutes>;
  /** `operations/{id}`, where operations are served. */
  readonly operation: Route | undefined;
}

export interface CollectionRoutes {
  readonly collection: Route;
  readonly resource: Route;
  /** Below a resource, by segment: `cancel`, `retry`, `history`, actions, messages. */
  readonly members: ReadonlyMap<string, Route>;
}

/** @param undeclared types that can be read and nothing else */
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
  const answers = createWriteResponses(context, type);
  const collection = `${context.options.basePath}/${type.path}`;
  const members = new Map<string, Route>();
  const addMember = (name: string, endpoints: Readonly<Record<string, Endpoint>>): void => {
    members.set(name, route(`${collection}/{id}/${name}`, endpoints));
  };
  addMember("history", { GET: historyEndpoint(context, type) });
  addMember("cancel", { POST: cancelEndpoint(context, type, answers) });
  addMember("retry", { POST: retryEndpoint(context, type, answers) });
  for (const [kind, operation] of type.operations) {
    if (!METHOD_KINDS.has(kind)) addMember(kind, { POST: actionEndpoint(context, type, answers, operation) });
  }
  for (const [name, schema] of type.receives) {
    addMember(name, { POST: receiveEndpoint(context, type, answers, { name, ...schema }) });
  }
  return {
    collection: route(collection, { GET: listEndpoint(context, type), POST: createEndpoint(context, type, answers) }),
    resource: route(`${collection}/{id}`, {
      GET: getEndpoint(context, type),
      PUT: putEndpoint(context, type, answers),
      ...(type.operations.has("update") ? { PATCH: patchEndpoint(context, type, answers) } : {}),
      DELETE: deleteEndpoint(context, type, answers),
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

/** The kinds that are asked for by a method, not by a path of their own. */
const METHOD_KINDS: ReadonlySet<string> = new Set(["create", "update", "delete"]);

/** What can be asked of one path: endpoints by method, and the `Allow` that names them. */
export interface Route {
  /** The template of its path, such as `/api/orders/{id}`: by this, metrics and traces name what was asked for. */
  readonly template: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly allow: string;
}

export function route(route: string, endpoints: Readonly<Record<string, Endpoint>>): Route {
  const methods = Object.keys(endpoints).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { template: route, endpoints: new Map(Object.entries(endpoints)), allow: [...methods, "OPTIONS"].join(", ") };
}

/** What stands beside the collections. */
interface ExtraRoutes {
  /** `messages`, where status messages are taken. */
  readonly messages: Route | undefined;
  /** Below `dashboard`, where the page is served: by what it shows. */
  readonly dashboard: ReadonlyMap<string, Route>;
  /** Below `worker`, where workers are answered: by kind of request. */
  readonly worker: ReadonlyMap<string, Route>;
}

/** What the dashboard shows, where it is served. */
function dashboardRoutes(
  context: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): ExtraRoutes["dashboard"] {
  const { dashboard, basePath } = context.options;
  const views = dashboard ? dashboardEndpoints(context, types, undeclared) : [];
  return new Map(views.map(([name, endpoint]) => [name, route(`${basePath}/dashboard/${name}`, { GET: endpoint })]));
}

/** Where outside processes are heard. */
function externalRoutes(
  context: EndpointContext,
  types: readonly ResourceType[],
): Pick<ExtraRoutes, "messages" | "worker"> {
  const { external: outside, options } = context;
  const acceptsMessages = outside !== undefined && options.messages;
  const requests = outside !== undefined && options.worker ? workerEndpoints(context, types, outside) : [];
  return {
    messages: acceptsMessages
      ? route(`${options.basePath}/messages`, { POST: messagesEndpoint(context, outside) })
      : undefined,
    worker: new Map(
      requests.map(([kind, endpoint]) => [kind, route(`${options.basePath}/worker/${kind}`, { POST: endpoint })]),
    ),
  };
}
