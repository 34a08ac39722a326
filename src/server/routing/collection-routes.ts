import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { actionEndpoint } from "../endpoints/action.ts";
import { cancelEndpoint } from "../endpoints/cancel.ts";
import { createEndpoint } from "../endpoints/create.ts";
import { deleteEndpoint } from "../endpoints/delete.ts";
import { getEndpoint } from "../endpoints/get.ts";
import { historyEndpoint } from "../endpoints/history.ts";
import { listEndpoint } from "../endpoints/list.ts";
import { patchEndpoint } from "../endpoints/patch.ts";
import { putEndpoint } from "../endpoints/put.ts";
import { receiveEndpoint } from "../endpoints/receive.ts";
import { retryEndpoint } from "../endpoints/retry.ts";
import { createWriteResponses } from "../writing/write-responses.ts";
import { type Route, route } from "./route.ts";

/** The routes of a resource type. */
export interface CollectionRoutes {
  readonly collection: Route;
  readonly resource: Route;
  /** Routes below a resource, by segment: `cancel`, `retry`, `history`, actions, messages. */
  readonly members: ReadonlyMap<string, Route>;
}

/** Creates the routes of a resource type. */
export function collectionRoutes(context: EndpointContext, type: ResourceType): CollectionRoutes {
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
    collection: route(collection, {
      GET: listEndpoint(context, type),
      ...(type.isInternal === true ? {} : { POST: createEndpoint(context, type, responses) }),
    }),
    resource: route(`${collection}/{id}`, {
      GET: getEndpoint(context, type),
      ...(type.isInternal === true ? {} : { PUT: putEndpoint(context, type, responses) }),
      ...(type.operations.has("update") || type.representation.metadata
        ? { PATCH: patchEndpoint(context, type, responses) }
        : {}),
      DELETE: deleteEndpoint(context, type, responses),
    }),
    members,
  };
}

/** Creates the routes of a read-only type. */
export function readOnlyRoutes(context: EndpointContext, type: ResourceType): CollectionRoutes {
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
