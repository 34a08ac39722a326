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
import { createAnswers } from "../writing/write-responses.ts";

/** Everything served below the base path, by path segments. */
export interface Routes extends SideRoutes {
  /** By collection segment. */
  readonly collections: ReadonlyMap<string, CollectionRoutes>;
  /** `operations/{id}`, where operations are served. */
  readonly operation: Place | undefined;
}

export interface CollectionRoutes {
  readonly collection: Place;
  readonly resource: Place;
  /** Below a resource, by segment: `cancel`, `retry`, `history`, actions, messages. */
  readonly members: ReadonlyMap<string, Place>;
}

/** @param undeclared types that can be read and nothing else */
export function createRoutes(
  serving: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): Routes {
  return {
    collections: new Map([
      ...undeclared.map((type) => [type.path, readOnlyRoutes(serving, type)] as const),
      ...types.map((type) => [type.path, collectionRoutes(serving, type)] as const),
    ]),
    operation: serving.options.operations
      ? place(`${serving.options.basePath}/operations/{id}`, { GET: operationEndpoint(serving, types) })
      : undefined,
    dashboard: dashboardRoutes(serving, types, undeclared),
    ...outsideRoutes(serving, types),
  };
}

function collectionRoutes(serving: EndpointContext, type: ResourceType): CollectionRoutes {
  const answers = createAnswers(serving, type);
  const collection = `${serving.options.basePath}/${type.path}`;
  const members = new Map<string, Place>();
  const addMember = (name: string, endpoints: Readonly<Record<string, Endpoint>>): void => {
    members.set(name, place(`${collection}/{id}/${name}`, endpoints));
  };
  addMember("history", { GET: historyEndpoint(serving, type) });
  addMember("cancel", { POST: cancelEndpoint(serving, type, answers) });
  addMember("retry", { POST: retryEndpoint(serving, type, answers) });
  for (const [kind, operation] of type.operations) {
    if (!OF_THE_RESOURCE.has(kind)) addMember(kind, { POST: actionEndpoint(serving, type, answers, operation) });
  }
  for (const [name, schema] of type.receives) {
    addMember(name, { POST: receiveEndpoint(serving, type, answers, { name, ...schema }) });
  }
  return {
    collection: place(collection, { GET: listEndpoint(serving, type), POST: createEndpoint(serving, type, answers) }),
    resource: place(`${collection}/{id}`, {
      GET: getEndpoint(serving, type),
      PUT: putEndpoint(serving, type, answers),
      ...(type.operations.has("update") ? { PATCH: patchEndpoint(serving, type, answers) } : {}),
      DELETE: deleteEndpoint(serving, type, answers),
    }),
    members,
  };
}

function readOnlyRoutes(serving: EndpointContext, type: ResourceType): CollectionRoutes {
  const collection = `${serving.options.basePath}/${type.path}`;
  const history = place(`${collection}/{id}/history`, { GET: historyEndpoint(serving, type) });
  return {
    collection: place(collection, { GET: listEndpoint(serving, type) }),
    resource: place(`${collection}/{id}`, { GET: getEndpoint(serving, type) }),
    members: new Map([["history", history]]),
  };
}

/** The kinds that are asked for by a method, not by a path of their own. */
const OF_THE_RESOURCE: ReadonlySet<string> = new Set(["create", "update", "delete"]);

/** What can be asked of one path: endpoints by method, and the `Allow` that names them. */
export interface Place {
  /** The template of its path, such as `/api/orders/{id}`: by this, metrics and traces name what was asked for. */
  readonly route: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly allow: string;
}

export function place(route: string, endpoints: Readonly<Record<string, Endpoint>>): Place {
  const methods = Object.keys(endpoints).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { route, endpoints: new Map(Object.entries(endpoints)), allow: [...methods, "OPTIONS"].join(", ") };
}

/** What stands beside the collections. */
interface SideRoutes {
  /** `messages`, where status messages are taken. */
  readonly messages: Place | undefined;
  /** Below `dashboard`, where the page is served: by what it shows. */
  readonly dashboard: ReadonlyMap<string, Place>;
  /** Below `worker`, where workers are answered: by kind of request. */
  readonly worker: ReadonlyMap<string, Place>;
}

/** What the dashboard shows, where it is served. */
function dashboardRoutes(
  serving: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): SideRoutes["dashboard"] {
  const { dashboard, basePath } = serving.options;
  const views = dashboard ? dashboardEndpoints(serving, types, undeclared) : [];
  return new Map(views.map(([name, endpoint]) => [name, place(`${basePath}/dashboard/${name}`, { GET: endpoint })]));
}

/** Where outside processes are heard. */
function outsideRoutes(
  serving: EndpointContext,
  types: readonly ResourceType[],
): Pick<SideRoutes, "messages" | "worker"> {
  const { outside, options } = serving;
  const isHeard = outside !== undefined && options.messages;
  const requests = outside !== undefined && options.worker ? workerEndpoints(serving, types, outside) : [];
  return {
    messages: isHeard ? place(`${options.basePath}/messages`, { POST: messagesEndpoint(serving, outside) }) : undefined,
    worker: new Map(
      requests.map(([kind, endpoint]) => [kind, place(`${options.basePath}/worker/${kind}`, { POST: endpoint })]),
    ),
  };
}
