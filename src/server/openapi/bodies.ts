import { pascalCase } from "../../core/definition/names.ts";
import { type DeclaredOperation, type DeclaredSchema, takesDeadline } from "../../core/definition/resource-type.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import { sampleBoth } from "./examples/sample.ts";
import type { Reference, RequestBody } from "./open-api.ts";
import { relocated, withProperties } from "./schemas/declared-schema.ts";
import { mergePatchSchema } from "./schemas/merge-patch-schema.ts";
import { metadataPatchSchema } from "./schemas/metadata-schema.ts";
import type { Scope } from "./scope.ts";
import { WEBHOOK_SCHEMA } from "./webhooks.ts";

/** Describes the body of a POST or PUT: a full configuration. Only the one of a POST may name a receiver of events. */
export function configurationBody(scope: Scope, method: "post" | "put"): RequestBody {
  const { type, words, components, examples } = scope;
  const namesReceiver = method === "post" && type.policy.webhooks?.perResource === true;
  return {
    required: true,
    content: {
      "application/json": {
        schema: components.schema(type.name, `New${type.schemaName}${namesReceiver ? "WithWebhook" : ""}`, () => ({
          type: "object",
          title: `New ${words.name}`,
          required: ["configuration"],
          properties: {
            configuration: inputRef(scope, "ConfigurationInput", type.configuration),
            ...envelopeSchemas(scope),
            ...(namesReceiver ? { webhook: WEBHOOK_SCHEMA } : {}),
          },
          additionalProperties: false,
        })),
        ...(Object.keys(examples.request).length === 0 ? {} : { examples: examples.request }),
      },
    },
  };
}

/** Describes the body of a PATCH: a merge patch. */
export function patchBody(scope: Scope): RequestBody {
  const { type, words, components } = scope;
  const schema = components.schema(type.name, `${type.schemaName}Patch`, () => ({
    type: "object",
    title: `Change of ${words.one}`,
    description: "A merge patch (RFC 7396): missing fields keep their value, null removes a field.",
    properties: { configuration: patchOf(scope), ...envelopeSchemas(scope) },
    additionalProperties: false,
  }));
  return { required: true, content: { "application/merge-patch+json": { schema }, "application/json": { schema } } };
}

/** Describes the fields of a body beside `configuration`. */
function envelopeSchemas({ type, components }: Scope): Readonly<Record<string, JsonSchema | Reference>> {
  return {
    ...(type.representation.metadata
      ? { metadata: components.schema("", "MetadataPatch", () => metadataPatchSchema) }
      : {}),
    ...deadlineSchema(components),
  };
}

function deadlineSchema(components: Scope["components"]): { readonly deadline: Reference } {
  return { deadline: components.schema("", "Deadline", () => DEADLINE) };
}

const DEADLINE = {
  type: "string",
  title: "Deadline",
  description:
    "Deadline of the operation that the request starts, earlier than the one of its type: an ISO 8601 duration without years and months, or an RFC 3339 instant. " +
    "An operation past its deadline is stopped and undone, and fails with `deadline-exceeded`.",
  examples: ["PT10M", "2026-01-31T12:00:00Z"],
} as const;

/** Describes the body of an action: the fields of its input, and `deadline` if there is room for it. */
export function actionBody(scope: Scope, action: DeclaredOperation): RequestBody {
  const { kind, input } = action;
  const deadline = takesDeadline(action) ? deadlineSchema(scope.components) : undefined;
  if (input !== undefined) return valueBody(scope, `${pascalCase(kind)}Input`, input, deadline);
  const schema = { type: "object", properties: deadline, additionalProperties: false };
  return { required: false, content: { "application/json": { schema } } };
}

/**
 * Describes the body of an action with an input, or of a message.
 *
 * @param fields fields beside those of the value
 */
export function valueBody(scope: Scope, name: string, declared: DeclaredSchema, fields?: object): RequestBody {
  const schema = inputRef(scope, name, declared, fields);
  const example = sampleBoth(declared.schema, declared.input);
  const examples = example.error === undefined ? { examples: { example: { value: example.sent } } } : {};
  // A missing body counts as an empty object, which the schema may accept.
  return { required: needsField(declared.input), content: { "application/json": { schema, ...examples } } };
}

function needsField({ type, required }: JsonSchema): boolean {
  return type !== "object" || (Array.isArray(required) && required.length > 0);
}

function inputRef({ type, components }: Scope, name: string, { input }: DeclaredSchema, fields?: object): Reference {
  const refer = (): Reference =>
    components.schema(type.name, type.schemaName + name, () => {
      const schema = relocated(input, () => refer().$ref);
      return fields === undefined ? schema : withProperties(schema, fields);
    });
  return refer();
}

function patchOf(scope: Scope): JsonSchema {
  const location = (): string => inputRef(scope, "ConfigurationInput", scope.type.configuration).$ref;
  return mergePatchSchema(relocated(scope.type.configuration.input, location));
}
