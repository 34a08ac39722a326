import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { negotiate } from "../request/negotiate.ts";
import { parseQuery } from "../request/query.ts";
import type { TypesView, TypeView } from "./shapes.ts";
import type { VisibleTypes } from "./visible-resources.ts";

/** Describes the types that a principal may list, including the schemas that forms and buttons are generated from. */
export function typesEndpoint(visibleTypes: VisibleTypes): Endpoint {
  return async (request) => {
    const query = parseQuery(request.http.query, []);
    negotiate(request.http.header("accept"), [JSON_TYPE]);
    const { allOwners, ownOnly } = await visibleTypes.scopeOf(request, query);
    const view: TypesView = { types: [...allOwners, ...ownOnly].map(({ type }) => viewOf(type)) };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };
}

function viewOf({ name, path, configuration, policy, operations, receives, isInternal }: ResourceType): TypeView {
  const actions = [...operations.values()].filter(({ kind }) => !["create", "update", "delete"].includes(kind));
  return {
    name,
    path,
    title: (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " "),
    // Resources of a type that is no longer declared are read-only.
    isDeclared: operations.size > 0,
    isCreatable: operations.size > 0 && isInternal !== true,
    configuration: configuration.input,
    isUpdatable: operations.has("update"),
    labels: {
      ready: policy.ready,
      failed: policy.failed,
      cancelled: policy.cancelled,
      cancelling: policy.cancelling,
    },
    operations: Object.entries(policy.kinds).map(([kind, { status }]) => ({ kind, status })),
    actions: actions.map(({ kind, policy: { status }, input }) => ({
      name: kind,
      status,
      ...(input === undefined ? {} : { input: input.input }),
    })),
    messages: [...receives].map(([message, { input }]) => ({ name: message, value: input })),
  };
}
