import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint } from "../context.ts";
import { JSON_HEADERS } from "../http/headers.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parseQuery } from "../request/query.ts";
import type { TypesView, TypeView } from "./shapes.ts";
import type { ShownTypes } from "./visible-resources.ts";

/** The types that a principal may list, with all that forms and buttons are made from. */
export function typesEndpoint(shown: ShownTypes): Endpoint {
  return async (call) => {
    const query = parseQuery(call.request.query, []);
    negotiate(call.request.header("accept"), [JSON_TYPE]);
    const { everybodys, own } = await shown.scopeOf(call, query);
    const view: TypesView = { types: [...everybodys, ...own].map(({ type }) => described(type)) };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };
}

function described({ name, path, configuration, policy, operations, receives }: ResourceType): TypeView {
  const actions = [...operations.values()].filter(({ kind }) => !["create", "update", "delete"].includes(kind));
  return {
    name,
    path,
    title: (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " "),
    // A type that is declared no more can be read, and nothing else.
    isDeclared: operations.size > 0,
    configuration: configuration.input,
    isUpdatable: operations.has("update"),
    labels: { ready: policy.ready, failed: policy.failed, cancelled: policy.cancelled },
    operations: Object.entries(policy.kinds).map(([kind, { status }]) => ({ kind, status })),
    actions: actions.map(({ kind, policy: { status }, input }) => ({
      name: kind,
      status,
      ...(input === undefined ? {} : { input: input.input }),
    })),
    messages: [...receives].map(([message, { input }]) => ({ name: message, value: input })),
  };
}
