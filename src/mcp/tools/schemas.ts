import type { DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import { relocated } from "../../server/openapi/schemas/declared-schema.ts";
import { mergePatchSchema } from "../../server/openapi/schemas/merge-patch-schema.ts";
import { metadataPatchSchema } from "../../server/openapi/schemas/metadata-schema.ts";

/** The argument that names the resource. */
export const ID: JsonSchema = { type: "string", description: "Id of the resource." };

/** Returns the schema of arguments with an id and one more value; without the value if `schema` is undefined. */
export function argumentsWithId(name: string, declared: DeclaredSchema | undefined): JsonSchema {
  if (declared === undefined) return objectOf({ id: ID }, ["id"]);
  const value = relocated(declared.input, () => `#/properties/${name}`);
  return objectOf({ id: ID, [name]: value }, isRequired(declared.input) ? ["id", name] : ["id"]);
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
        ...(representation.metadata ? { metadata: metadataPatchSchema } : {}),
      },
      ["id", "configuration"],
    ),
    ...definitionsFor(patch, "configuration", configuration.input),
  };
}

/** The argument that contains a configuration which is no object. */
export const WRAPPED = "configuration";

/** Returns true if the fields of a configuration are the arguments of the create tool. */
export function isFlat({ configuration: { input } }: ResourceType): boolean {
  return input["type"] === "object";
}

/** Returns the schema of arguments of a create: the configuration. */
export function createArguments(type: ResourceType): JsonSchema {
  if (isFlat(type)) return relocated(type.configuration.input, () => "#");
  const value = relocated(type.configuration.input, () => `#/properties/${WRAPPED}`);
  return objectOf({ [WRAPPED]: value }, [WRAPPED]);
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
