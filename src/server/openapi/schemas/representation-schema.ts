import type { JsonSchema } from "../../../core/json/schema.ts";
import { EXAMPLE_ID } from "../examples.ts";
import type { Reference } from "../open-api.ts";
import type { Scope } from "../scope.ts";
import { capital } from "../words.ts";
import { relocated } from "./declared-schema.ts";
import { detailsSchema } from "./details-schema.ts";
import { listOf } from "./map-schema.ts";
import { errorSchema } from "./problem-schemas.ts";
import { settledLabels, statusSchema } from "./status-schema.ts";

const ALWAYS = ["id", "status", "configuration"];

/** A whole representation: in progress, settled successfully, or settled with an error. */
export function representationRef(scope: Scope): Reference {
  const { type, components } = scope;
  return components.schema(type.name, type.schemaName, () => representationSchema(scope));
}

function representationSchema(scope: Scope): JsonSchema {
  const { type, words } = scope;
  const { properties, whole } = detailsSchema(scope);
  const name = capital(words.name);
  return {
    type: "object",
    title: name,
    description: `${capital(words.one)}, with the state of what is in progress embedded.`,
    required: ALWAYS,
    properties: fieldSchemas(scope),
    ...oneOfTheseAtLeast([
      {
        title: `${name} in progress`,
        description: "The response carries `Retry-After`. Details appear as they become known.",
        not: having(["error"]),
      },
      {
        title: `${name}, settled successfully`,
        description:
          "Nothing is in progress and the latest operation succeeded: no `Retry-After`, no `error`, all details.",
        ...whole,
        properties: { status: { enum: [...type.policy.ready] }, ...properties },
        allOf: [
          { not: { anyOf: ["error", "progress", "estimatedTimeRemaining"].map((field) => having([field])) } },
          ...listOf(whole["allOf"]),
        ],
      },
      {
        title: `${name}, failed or cancelled`,
        description:
          "Nothing is in progress and the latest operation failed or was cancelled: no `Retry-After`. After a change that did not " +
          "succeed, status, configuration and details are those from before it.",
        required: ["error"],
        properties: { status: { enum: settledLabels(type.policy) }, error: errorRef(scope) },
      },
    ]),
  };
}

/** A representation, or what `fields` leaves of it. */
export function selectableRef(scope: Scope): Reference {
  const { type, components } = scope;
  return components.schema(type.name, `${type.schemaName}Shown`, () => selectableSchema(scope));
}

function selectableSchema(scope: Scope): JsonSchema {
  return {
    type: "object",
    title: `${capital(scope.words.name)}, or the fields of it that were asked for`,
    properties: fieldSchemas(scope),
    ...oneOfTheseAtLeast([
      representationRef(scope),
      {
        title: "Only the fields asked for",
        description: "The answer to a request with `fields`.",
        not: having(ALWAYS),
      },
    ]),
  };
}

/** Not beside the fields outright: generators of types take those for one more alternative, and all fields for unknown. */
function oneOfTheseAtLeast(alternatives: readonly (JsonSchema | Reference)[]): JsonSchema {
  return { allOf: [{ anyOf: alternatives }] };
}

function having(fields: readonly string[]): JsonSchema {
  return { required: fields, properties: Object.fromEntries(fields.map((field) => [field, {}])) };
}

function errorRef({ components }: Scope): Reference {
  return components.schema("", "ResourceError", errorSchema);
}

function fieldSchemas(scope: Scope): Readonly<Record<string, unknown>> {
  const { type, words, components } = scope;
  const { representation } = type;
  return {
    id: { type: "string", description: `Names the ${words.name}.`, examples: [EXAMPLE_ID] },
    status: components.schema(type.name, `${type.schemaName}Status`, () => statusSchema(scope)),
    configuration: configurationRef(scope),
    progress: PROGRESS[representation.progress],
    estimatedTimeRemaining: TIME[representation.time],
    error: errorRef(scope),
    ...detailsSchema(scope).properties,
    ...(representation.timestamps
      ? { createdAt: instant("When it was created."), updatedAt: instant("When it last changed.") }
      : {}),
    ...(representation.liveness
      ? {
          attempt: {
            type: "integer",
            minimum: 0,
            description: "Which attempt of the operation this is; 0 before the first.",
          },
          observedAt: instant("When the state shown was stored."),
        }
      : {}),
  };
}

const PROGRESS = {
  percent: {
    type: "string",
    pattern: "^[1-9]?[0-9]%$",
    description: "How far the operation in progress is. Absent before work has reported any, and once settled.",
  },
  fraction: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    description:
      "How far the operation in progress is, from 0 to 1. Absent before work has reported any, and once settled.",
  },
} as const;

const REMAINING =
  "How much longer the operation in progress is expected to take. Absent where nobody knows, and once settled.";

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
