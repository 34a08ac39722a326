import type { DeclaredSchema } from "../../core/definition/resource-type.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { Reference, RequestBody } from "./open-api.ts";
import { sampleBoth } from "./sample.ts";
import { relocated } from "./schemas/declared-schema.ts";
import { mergePatchSchema } from "./schemas/merge-patch-schema.ts";
import type { Scope } from "./scope.ts";

/** The body of a POST or PUT: a whole configuration. */
export function configurationBody(scope: Scope): RequestBody {
  const { type, words, components, examples } = scope;
  return {
    required: true,
    content: {
      "application/json": {
        schema: components.schema(type.name, `New${type.schemaName}`, () => ({
          type: "object",
          title: `New ${words.name}`,
          required: ["configuration"],
          properties: { configuration: inputRef(scope, "ConfigurationInput", type.configuration) },
          additionalProperties: false,
        })),
        ...(Object.keys(examples.request).length === 0 ? {} : { examples: examples.request }),
      },
    },
  };
}

/** The body of a PATCH: a merge patch. */
export function patchBody(scope: Scope): RequestBody {
  const { type, words, components } = scope;
  const schema = components.schema(type.name, `${type.schemaName}Patch`, () => ({
    type: "object",
    title: `Change of ${words.one}`,
    description: "A merge patch (RFC 7396): what is left out stays as it is, null takes away.",
    properties: { configuration: patchOf(scope) },
    additionalProperties: false,
  }));
  return { required: true, content: { "application/merge-patch+json": { schema }, "application/json": { schema } } };
}

/** The body of an action that takes an input, or of a message. */
export function valueBody(scope: Scope, name: string, declared: DeclaredSchema): RequestBody {
  const schema = inputRef(scope, name, declared);
  const example = sampleBoth(declared.schema, declared.input);
  const examples = example.fault === undefined ? { examples: { example: { value: example.sent } } } : {};
  // Left out it is an object without fields, which the schema may accept.
  return { required: needsField(declared.input), content: { "application/json": { schema, ...examples } } };
}

function needsField({ type, required }: JsonSchema): boolean {
  return type !== "object" || (Array.isArray(required) && required.length > 0);
}

function inputRef({ type, components }: Scope, name: string, { input }: DeclaredSchema): Reference {
  const refer = (): Reference =>
    components.schema(type.name, type.schemaName + name, () => relocated(input, () => refer().$ref));
  return refer();
}

function patchOf(scope: Scope): JsonSchema {
  const place = (): string => inputRef(scope, "ConfigurationInput", scope.type.configuration).$ref;
  return mergePatchSchema(relocated(scope.type.configuration.input, place));
}
