import {
  type DeclaredOperation,
  type DeclaredSchema,
  hasRoomFor,
  type RepresentationOptions,
  type ResourceType,
  takesDeadline,
} from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import { relocated, withProperties } from "../../server/openapi/schemas/declared-schema.ts";
import { mergePatchSchema } from "../../server/openapi/schemas/merge-patch-schema.ts";
import { metadataPatchSchema } from "../../server/openapi/schemas/metadata-schema.ts";
import type { Arguments } from "./tool.ts";

/** The argument that names the resource. */
export const ID: JsonSchema = { type: "string", description: "Id of the resource." };

/** Returns the schema of arguments with an id and one more value; without the value if `schema` is undefined. */
export function argumentsWithId(name: string, declared: DeclaredSchema | undefined): JsonSchema {
  if (declared === undefined) return objectOf({ id: ID }, ["id"]);
  const value = relocated(declared.input, () => `#/properties/${name}`);
  return objectOf({ id: ID, [name]: value }, isRequired(declared.input) ? ["id", name] : ["id"]);
}

/** Returns the schema of arguments of an action: an id, its input and a deadline. */
export function actionArguments(action: DeclaredOperation): JsonSchema {
  return withProperties(argumentsWithId("input", action.input), takesDeadline(action) ? { deadline: DEADLINE } : {});
}

/** Returns the schema of arguments of an update: an id, and the fields to change. */
export function updateArguments({ configuration, representation }: ResourceType): JsonSchema {
  const patch = mergePatchSchema(relocated(configuration.input, () => "#/$defs/configuration"));
  const description = "The fields to change. Other fields keep their value, null removes a field.";
  return {
    ...objectOf(
      {
        id: ID,
        configuration: { ...patch, description },
        ...optionFields(representation),
      },
      ["id", "configuration"],
    ),
    ...definitionsFor(patch, "configuration", configuration.input),
  };
}

/** The fields of a body beside its configuration. */
function optionFields({ metadata }: RepresentationOptions): Readonly<Record<string, JsonSchema>> {
  return { ...(metadata ? { metadata: metadataPatchSchema } : {}), deadline: DEADLINE };
}

const DEADLINE = { type: "string", description: "Time limit, such as PT10M, or an RFC 3339 instant." };

/** The argument that contains a configuration which is no object. */
const WRAPPED = "configuration";

/** Returns true if the fields of a configuration are the arguments of the create tool. */
export function isFlat({ configuration: { input } }: ResourceType): boolean {
  return input["type"] === "object";
}

/** Returns the schema of arguments of a create: the configuration, and the other fields of a body as {@link createBody}. */
export function createArguments(type: ResourceType): JsonSchema {
  const options = createOptions(type);
  if (isFlat(type)) {
    const schema = relocated(type.configuration.input, () => "#");
    return withProperties(schema, options);
  }
  const value = relocated(type.configuration.input, () => `#/properties/${WRAPPED}`);
  return objectOf({ [WRAPPED]: value, ...options }, [WRAPPED]);
}

/** Returns the body of a create from the arguments of its tool. */
export function createBody(type: ResourceType, given: Arguments): object {
  const options = createOptions(type);
  const entries = Object.entries(given);
  const fields = entries.filter(([name]) => !(name in options));
  const configuration = isFlat(type) ? Object.fromEntries(fields) : given[WRAPPED];
  return { configuration, ...Object.fromEntries(entries.filter(([name]) => name in options)) };
}

/** Returns the fields of the body of a create beside its configuration. A field of the configuration with the same name comes first. */
function createOptions(type: ResourceType): Readonly<Record<string, JsonSchema>> {
  const { configuration, representation } = type;
  const all = Object.entries(optionFields(representation));
  return Object.fromEntries(all.filter(([name]) => !isFlat(type) || hasRoomFor(configuration.input, name)));
}

/** Returns the schema of a representation. Details appear as they become known, so none is required. */
export function representationSchema({ configuration, details, representation }: ResourceType): JsonSchema {
  const { properties } = relocated({ properties: details.output["properties"] ?? {} }, () => "#/$defs/details");
  const fields = isJsonObject(properties) ? properties : {};
  return {
    type: "object",
    required: ["id", "status", "configuration"],
    properties: {
      id: { type: "string" },
      status: { type: "string", description: "Label of the state." },
      configuration: relocated(configuration.output, () => "#/properties/configuration"),
      progress: { type: representation.progress === "percent" ? "string" : "number" },
      estimatedTimeRemaining: { type: representation.time === "seconds" ? "integer" : "string" },
      ...(representation.metadata ? { metadata: STRINGS } : {}),
      ...(representation.expiry ? { expiresAt: TEXT } : {}),
      error: objectOf({ title: TEXT, detail: TEXT, code: TEXT, retryable: { type: "boolean" }, type: TEXT }, ["code"]),
      ...fields,
    },
    ...definitionsFor(fields, "details", details.output),
  };
}

const TEXT = { type: "string" };

/** An object of strings. */
export const STRINGS = { type: "object", additionalProperties: TEXT };

/** Returns `$defs` with a schema if others refer to it. Models read every byte of a tool. */
function definitionsFor(referring: unknown, name: string, schema: JsonSchema): JsonSchema {
  const location = `#/$defs/${name}`;
  if (!JSON.stringify(referring).includes(JSON.stringify(location).slice(0, -1))) return {};
  return { $defs: { [name]: relocated(schema, () => location) } };
}

export function objectOf(properties: Readonly<Record<string, unknown>>, required: readonly string[]): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

function isRequired({ type, required }: JsonSchema): boolean {
  return type !== "object" || (Array.isArray(required) && required.length > 0);
}
