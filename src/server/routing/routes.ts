import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { EndpointContext } from "../context.ts";
import { dashboardEndpoints } from "../dashboard/endpoints.ts";
import { messagesEndpoint } from "../endpoints/messages.ts";
import { operationEndpoint } from "../endpoints/operation.ts";
import { workerEndpoints } from "../endpoints/worker.ts";
import { type CollectionRoutes, collectionRoutes, readOnlyRoutes } from "./collection-routes.ts";
import { type Route, route } from "./route.ts";

/** All routes below the base path, by path segments. */
export interface Routes extends ExtraRoutes {
  /** Routes of resource types, by collection segment. */
  readonly collections: ReadonlyMap<string, CollectionRoutes>;
  /** `operations/{id}`, if operations are served. */
  readonly operation: Route | undefined;
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
  const views = dashboard ? Object.entries(dashboardEndpoints(context, types, undeclared)) : [];
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
