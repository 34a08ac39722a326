import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { overviewEndpoint } from "./overview.ts";
import { resourcesEndpoint } from "./resources.ts";
import { streamEndpoint } from "./stream-endpoint.ts";
import { typesEndpoint } from "./types.ts";
import { createVisibleTypes } from "./visible-resources.ts";

/** Endpoints that only the dashboard uses, by the last segment of their path. */
export function dashboardEndpoints(
  context: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): readonly (readonly [name: string, endpoint: Endpoint])[] {
  const visibleTypes = createVisibleTypes(context, [...types, ...undeclared]);
  return [
    ["types", typesEndpoint(visibleTypes)],
    ["resources", resourcesEndpoint(context, visibleTypes)],
    ["overview", overviewEndpoint(context, visibleTypes)],
    ["watch", streamEndpoint(context, visibleTypes)],
  ];
}
