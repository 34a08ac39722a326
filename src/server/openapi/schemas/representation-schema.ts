import { type BuiltInField, builtInFields, REQUIRED_FIELDS } from "../../../core/definition/representation-fields.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";
import { EXAMPLE_ID } from "../examples/examples.ts";
import type { Reference } from "../open-api.ts";
import type { Scope } from "../scope.ts";
import { capital } from "../words.ts";
import { relocated } from "./declared-schema.ts";
import { detailsSchema } from "./details-schema.ts";
import { listOf } from "./map-schema.ts";
import { metadataSchema } from "./metadata-schema.ts";
import { errorSchema } from "./problem-schemas.ts";
import { settledLabels, statusSchema } from "./status-schema.ts";

/** Returns a reference to the schema of a full representation: in progress, settled successfully, or settled with an error. */
export function representationRef(scope: Scope): Reference {
  const { type, components } = scope;
  return components.schema(type.name, type.schemaName, () => representationSchema(scope));
}

function representationSchema(scope: Scope): JsonSchema {
  const { type, words } = scope;
  const { properties, keywords } = detailsSchema(scope);
  const name = capital(words.name);
  return {
    type: "object",
    title: name,
    description: type.description ?? `${capital(words.one)}, with the embedded state of the operation in progress.`,
    required: [
      ...REQUIRED_FIELDS,
      ...(type.representation.metadata ? ["metadata"] : []),
      ...(type.children === undefined ? [] : ["_links"]),
    ],
    properties: fieldSchemas(scope),
    ...anyOfThese([
      {
        title: `${name} in progress`,
        description: "The response carries `Retry-After`. Details appear as they become known.",
        not: withFields(["error"]),
      },
      {
        title: `${name}, settled successfully`,
        description:
          "No operation is in progress and the latest one succeeded: no `Retry-After`, no `error`, all details.",
        ...keywords,
        properties: { status: { enum: [...type.policy.ready] }, ...properties },
        allOf: [
          { not: { anyOf: ["error", "progress", "estimatedTimeRemaining"].map((field) => withFields([field])) } },
          ...listOf(keywords["allOf"]),
        ],
      },
      {
        title: `${name}, failed or cancelled`,
        description:
          "No operation is in progress and the latest one failed or was cancelled: no `Retry-After`. After an unsuccessful change, " +
          "status, configuration and details are the previous ones.",
        required: ["error"],
        properties: { status: { enum: settledLabels(type.policy) }, error: errorRef(scope) },
      },
    ]),
  };
}

/** Returns a reference to the schema of a representation or of the fields selected by `fields`. */
export function selectableRef(scope: Scope): Reference {
  const { type, components } = scope;
  return components.schema(type.name, `${type.schemaName}Shown`, () => selectableSchema(scope));
}

function selectableSchema(scope: Scope): JsonSchema {
  return {
    type: "object",
    title: `${capital(scope.words.name)}, or the selected fields of it`,
    properties: fieldSchemas(scope),
    ...anyOfThese([
      representationRef(scope),
      {
        title: "Selected fields only",
        description: "Response to a request with `fields`.",
        not: withFields(REQUIRED_FIELDS),
      },
    ]),
  };
}

/** Wraps alternatives in `allOf`: beside `properties`, type generators treat them as one more alternative with unknown fields. */
function anyOfThese(alternatives: readonly (JsonSchema | Reference)[]): JsonSchema {
  return { allOf: [{ anyOf: alternatives }] };
}

function withFields(fields: readonly string[]): JsonSchema {
  return { required: fields, properties: Object.fromEntries(fields.map((field) => [field, {}])) };
}

function errorRef({ components }: Scope): Reference {
  return components.schema("", "ResourceError", errorSchema);
}

function fieldSchemas(scope: Scope): Readonly<Record<string, unknown>> {
  const schemas = builtInSchemas(scope);
  const fields = builtInFields(scope.type.representation).map((name) => [name, schemas[name]] as const);
  return { ...Object.fromEntries(fields), ...detailsSchema(scope).properties };
}

function builtInSchemas(scope: Scope): Readonly<Record<BuiltInField, JsonSchema | Reference>> {
  const { type, words, components } = scope;
  const { representation } = type;
  return {
    id: { type: "string", description: `Id of the ${words.name}.`, examples: [EXAMPLE_ID] },
    status: components.schema(type.name, `${type.schemaName}Status`, () => statusSchema(scope)),
    configuration: configurationRef(scope),
    progress: PROGRESS[representation.progress],
    estimatedTimeRemaining: TIME[representation.time],
    queuePosition: {
      type: "integer",
      minimum: 1,
      description:
        "Position of the operation among those that wait for the same turn, 1 for the next one; 10001 for all behind the first 10000. At most a second old. Absent unless it waits for its turn.",
    },
    error: errorRef(scope),
    createdAt: instant("Time of creation."),
    updatedAt: instant("Time of the last change."),
    attempt: {
      type: "integer",
      minimum: 0,
      description: "Number of the present attempt of the operation; 0 before the first.",
    },
    observedAt: instant("Time at which the state shown was stored."),
    metadata: representation.metadata ? components.schema("", "Metadata", () => metadataSchema) : {},
    expiresAt: instant("Time from which the resource is deleted. Absent while an operation is in progress."),
    _links: linksSchema(type),
  };
}

const PROGRESS = {
  percent: {
    type: "string",
    pattern: "^[1-9]?[0-9]%$",
    description: "Progress of the current operation. Absent before work has reported any, and once settled.",
  },
  fraction: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    description:
      "Progress of the current operation, from 0 to 1. Absent before work has reported any, and once settled.",
  },
} as const;

const REMAINING =
  "Estimated remaining time of the operation in progress. Absent if there is no estimate, and once settled.";

const TIME = {
  text: { type: "string", description: REMAINING },
  iso8601: { type: "string", format: "duration", description: REMAINING },
  seconds: { type: "integer", minimum: 1, description: `${REMAINING} In seconds.` },
} as const;

function instant(description: string): JsonSchema {
  return { type: "string", format: "date-time", description };
}

function configurationRef({ type, components }: Scope): Reference {
  const { output } = type.configuration;
  const refer = (): Reference =>
    components.schema(type.name, `${type.schemaName}Configuration`, () => relocated(output, () => refer().$ref));
  return refer();
}

/** Returns the schema of the field `_links`: the parent, and the list of the children of each declared name. */
function linksSchema({ links }: Scope["type"]): JsonSchema {
  if (links === undefined) return {};
  const parents = [...links.parents.keys()].join(" or ");
  const href = { type: "string", format: "uri-reference" };
  const parent = {
    type: "object",
    description: `The ${parents} whose work created this resource; absent if a client did.`,
    required: ["href", "name"],
    properties: { href, name: { type: "string", description: "The name of the child within its parent." } },
  };
  const children = [...links.children.keys()].map((name) => {
    const description = `The list of the ${name} that its work has created.`;
    return [name, { type: "object", description, required: ["href"], properties: { href } }] as const;
  });
  return {
    type: "object",
    description: "Links to related resources.",
    properties: { ...(parents === "" ? {} : { parent }), ...Object.fromEntries(children) },
    required: children.map(([name]) => name),
  };
}
