import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { overviewEndpoint } from "./overview.ts";
import { resourcesEndpoint } from "./resources.ts";
import { watchEndpoint } from "./stream-endpoint.ts";
import { typesEndpoint } from "./types.ts";
import { createShown } from "./visible-resources.ts";

/** What the dashboard reads beside the API that everybody uses, by the last segment of its path. */
export function dashboardEndpoints(
  serving: EndpointContext,
  types: readonly ResourceType[],
  undeclared: readonly ResourceType[],
): readonly (readonly [name: string, endpoint: Endpoint])[] {
  const shown = createShown(serving, [...types, ...undeclared]);
  return [
    ["types", typesEndpoint(shown)],
    ["resources", resourcesEndpoint(serving, shown)],
    ["overview", overviewEndpoint(serving, shown)],
    ["watch", watchEndpoint(serving, shown)],
  ];
}
