import type { ResourceType } from "../../core/definition/resource-type.ts";
import { MAX_PAIRS } from "../../core/json/metadata.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import { MAX_LIST_VALUES, type RequestHeader } from "../http/request-headers.ts";
import { EXAMPLE_ID } from "./examples/examples.ts";
import type { Parameter, Reference } from "./open-api.ts";
import type { Components } from "./schemas/components.ts";

const ENTITY_TAGS = { type: "string" } as const;

/** A header parameter must be one that CORS allows too. */
type SharedParameter = Parameter & ({ readonly in: "query" } | { readonly in: "header"; readonly name: RequestHeader });

const PARAMETERS = {
  Prefer: {
    name: "Prefer",
    in: "header",
    description:
      "`wait=N`: wait until no operation is in progress, for at most N seconds. `return=minimal`: respond to a write without a body. A " +
      "hint (RFC 7240): the server may ignore it.",
    schema: { type: "string" },
    example: "wait=10",
  },
  PreferWait: {
    name: "Prefer",
    in: "header",
    description:
      "`wait=N`: wait until no operation is in progress, or with `If-None-Match` until the state has changed, for at most N seconds. A " +
      "hint (RFC 7240).",
    schema: { type: "string" },
    example: "wait=10",
  },
  PreferClaim: {
    name: "Prefer",
    in: "header",
    description: "`wait=N`: wait until an operation is due, for at most N seconds. A hint (RFC 7240).",
    schema: { type: "string" },
    example: "wait=20",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "A new key for each request, sent again with each retry of it: requests with the same key and content take effect once and get the " +
      "same response, for 24 hours. In double quotes or bare.",
    schema: { type: "string", minLength: 1 },
    example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description:
      "The `ETag` of the state to change. If the resource was edited since then, the response is 412. Progress does not count as an edit. A weak form of the tag is accepted, as compressing proxies send it.",
    schema: ENTITY_TAGS,
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of the state that the client knows. The response is 304 while it is the present state.",
    schema: ENTITY_TAGS,
  },
  IfNoneMatchAny: {
    name: "If-None-Match",
    in: "header",
    description: "`*`: create only; the response is 412 if the id is used already.",
    schema: ENTITY_TAGS,
    example: "*",
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description: "Id of the last event that the client received, when an event stream is reopened.",
    schema: { type: "string" },
  },
  After: {
    name: "after",
    in: "query",
    description: "Cursor: the `next` value of the previous page.",
    schema: { type: "string", minLength: 1 },
  },
} as const satisfies Record<string, SharedParameter>;

export type ParameterName = keyof typeof PARAMETERS;

/** Returns references to parameters shared by several operations. */
export function parameters(components: Components, names: readonly ParameterName[]): readonly Reference[] {
  return names.map((name) => components.parameter(name, () => PARAMETERS[name]));
}

/** The ids that the server accepts. */
const ID = { type: "string", pattern: String.raw`^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$` } as const;

export function idParameter(components: Components): Reference {
  return components.parameter("Id", () => ({
    name: "id",
    in: "path",
    required: true,
    description: "Resource id.",
    schema: ID,
    example: EXAMPLE_ID,
  }));
}

export function operationIdParameter(): Parameter {
  return { name: "id", in: "path", required: true, description: "Operation id.", schema: ID };
}

export function limitParameter(fallback: number, maximum: number): Parameter {
  return {
    name: "limit",
    in: "query",
    description: "Maximum number of items.",
    schema: { type: "integer", minimum: 1, maximum, default: fallback },
  };
}

export function statusParameter({ policy }: ResourceType): Parameter {
  const description = "Only resources with one of these status labels, separated by commas.";
  return valuesParameter("status", description, { examples: [policy.ready[0]] });
}

/** Describes a parameter of several values, separated by commas. */
function valuesParameter(name: string, description: string, items: JsonSchema = {}): Parameter {
  const schema = {
    type: "array",
    minItems: 1,
    maxItems: MAX_LIST_VALUES,
    items: { type: "string", minLength: 1, ...items },
  };
  return { name, in: "query", description, style: "form", explode: false, schema };
}

/** Describes the filters of a list that the type offers. */
export function filterParameters({ policy, representation, links }: ResourceType): readonly Parameter[] {
  const parents = [...(links?.parents.keys() ?? [])];
  return [
    valuesParameter(
      "id",
      "Only the resources with these ids, separated by commas, in this order. Ids that the client has no resource for are left out. The response has one page, and `Retry-After` while any of them is in progress.",
    ),
    ...(parents.length === 0 ? [] : [parentParameter(parents)]),
    ...(representation.metadata ? [metadataParameter()] : []),
    ...(policy.updatedAfter === true ? [updatedAfterParameter()] : []),
  ];
}

function parentParameter(parents: readonly string[]): Parameter {
  return {
    name: "parent",
    in: "query",
    description: `Only the children of this resource: ${parents.map((type) => `\`${type}/{id}\``).join(" or ")}, or its URL.`,
    schema: { type: "string", minLength: 3, examples: [`${parents[0]}/${EXAMPLE_ID}`] },
  };
}

function metadataParameter(): Parameter {
  return {
    name: "metadata",
    in: "query",
    description:
      "Only resources with these pairs, each sent as a parameter of its own: `metadata.order=4711`. Pages may be short or empty and still have a next one.",
    style: "form",
    explode: true,
    schema: {
      type: "object",
      maxProperties: MAX_PAIRS,
      propertyNames: { pattern: String.raw`^metadata\.` },
      additionalProperties: { type: "string", minLength: 1 },
    },
    example: { "metadata.order": "4711" },
  };
}

function updatedAfterParameter(): Parameter {
  return {
    name: "updatedAfter",
    in: "query",
    description:
      "Only resources whose representation changed after this instant, the oldest change first. The last page has `updatedAfter`, the value for the next poll.",
    schema: { type: "string", format: "date-time" },
  };
}

export function fieldsParameter(components: Components): Reference {
  const description = "Only these fields of the representation, separated by commas.";
  return components.parameter("Fields", () => ({
    ...valuesParameter("fields", description),
    example: ["status", "progress"],
  }));
}
