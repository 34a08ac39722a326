import type { ResourceType } from "../../core/definition/resource-type.ts";
import { EXAMPLE_ID } from "./examples.ts";
import type { Parameter, Reference } from "./open-api.ts";
import type { Components } from "./schemas/components.ts";

const ENTITY_TAGS = { type: "string" } as const;

const PARAMETERS = {
  Prefer: {
    name: "Prefer",
    in: "header",
    description:
      "`wait=N`: hold the answer until nothing is in progress any more, or for N seconds. `return=minimal`: no body, where the request " +
      "changes something. A hint (RFC 7240): the answer is also right without.",
    schema: { type: "string" },
    example: "wait=10",
  },
  PreferWait: {
    name: "Prefer",
    in: "header",
    description:
      "`wait=N`: hold the answer until nothing is in progress any more, together with `If-None-Match` until something has changed, or " +
      "for N seconds. A hint (RFC 7240).",
    schema: { type: "string" },
    example: "wait=10",
  },
  PreferClaim: {
    name: "Prefer",
    in: "header",
    description: "`wait=N`: hold the answer until something is due, or for N seconds. A hint (RFC 7240).",
    schema: { type: "string" },
    example: "wait=20",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Chosen anew for each request and sent again with each repetition of it: the same key and request have one effect and get the same " +
      "answer, for 24 hours. In double quotes or bare.",
    schema: { type: "string", minLength: 1 },
    example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description:
      "The `ETag` of the state to change; with any other edit the answer is 412. Mere progress since then is no other edit.",
    schema: ENTITY_TAGS,
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of the state that is known already; while it is the present one the answer is 304.",
    schema: ENTITY_TAGS,
  },
  IfNoneMatchAny: {
    name: "If-None-Match",
    in: "header",
    description: "`*`: only where there is nothing under this id yet; else the answer is 412.",
    schema: ENTITY_TAGS,
    example: "*",
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description: "Of an event stream: the id of the last event that was seen.",
    schema: { type: "string" },
  },
  After: {
    name: "after",
    in: "query",
    description: "Goes on after a page: its `next`.",
    schema: { type: "string", minLength: 1 },
  },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof PARAMETERS;

/** Refers to parameters that several operations share. */
export function parameters(components: Components, names: readonly ParameterName[]): readonly Reference[] {
  return names.map((name) => components.parameter(name, () => PARAMETERS[name]));
}

/** As the server reads ids. */
const ID = { type: "string", pattern: String.raw`^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$` } as const;

export function idParameter(components: Components): Reference {
  return components.parameter("Id", () => ({
    name: "id",
    in: "path",
    required: true,
    description: "Names the resource.",
    schema: ID,
    example: EXAMPLE_ID,
  }));
}

export function operationIdParameter(): Parameter {
  return { name: "id", in: "path", required: true, description: "Names the operation.", schema: ID };
}

export function limitParameter(fallback: number, most: number): Parameter {
  return {
    name: "limit",
    in: "query",
    description: "How many at most.",
    schema: { type: "integer", minimum: 1, maximum: most, default: fallback },
  };
}

export function statusParameter({ policy }: ResourceType): Parameter {
  return {
    name: "status",
    in: "query",
    description: "Only resources that show one of these labels, joined by commas.",
    style: "form",
    explode: false,
    schema: { type: "array", minItems: 1, items: { type: "string", minLength: 1, examples: [policy.ready[0]] } },
  };
}

export function fieldsParameter(components: Components): Reference {
  return components.parameter("Fields", () => ({
    name: "fields",
    in: "query",
    description: "Only these fields of the representation, joined by commas: for clients that want the status alone.",
    style: "form",
    explode: false,
    schema: { type: "array", minItems: 1, items: { type: "string", minLength: 1 } },
    example: ["status", "progress"],
  }));
}
