import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Serving } from "../context.ts";
import { dashboardEndpoints } from "../dashboard/endpoints.ts";
import { messagesEndpoint } from "../endpoints/messages.ts";
import { workerEndpoints } from "../endpoints/worker.ts";
import { type Place, place } from "./place.ts";

/** What stands beside the collections. */
export interface SideRoutes {
  /** `messages`, where status messages are taken. */
  readonly messages: Place | undefined;
  /** Below `dashboard`, where the page is served: by what it shows. */
  readonly dashboard: ReadonlyMap<string, Place>;
  /** Below `worker`, where workers are answered: by kind of request. */
  readonly worker: ReadonlyMap<string, Place>;
}

/** What the dashboard shows, where it is served. */
export function dashboardRoutes(
  serving: Serving,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): SideRoutes["dashboard"] {
  const { dashboard, basePath } = serving.options;
  const views = dashboard ? dashboardEndpoints(serving, types, undeclared) : [];
  return new Map(views.map(([name, endpoint]) => [name, place(`${basePath}/dashboard/${name}`, { GET: endpoint })]));
}

/** Where outside processes are heard. */
export function outsideRoutes(
  serving: Serving,
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
