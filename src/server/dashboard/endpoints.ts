import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { overviewEndpoint } from "./overview.ts";
import { resourcesEndpoint } from "./resources.ts";
import { streamEndpoint } from "./stream-endpoint.ts";
import { typesEndpoint } from "./types.ts";
import { createVisibleTypes } from "./visible-resources.ts";

/** The views of the dashboard: the last segments of the paths that only it uses. */
export const DASHBOARD_VIEWS = ["types", "resources", "overview", "watch"] as const;

/** Creates the endpoints of the views. */
export function dashboardEndpoints(
  context: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): Readonly<Record<(typeof DASHBOARD_VIEWS)[number], Endpoint>> {
  const visibleTypes = createVisibleTypes(context, [...types, ...undeclared]);
  return {
    types: typesEndpoint(visibleTypes),
    resources: resourcesEndpoint(context, visibleTypes),
    overview: overviewEndpoint(context, visibleTypes),
    watch: streamEndpoint(context, visibleTypes),
  };
}
