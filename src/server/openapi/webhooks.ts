import { camelCase } from "../../core/definition/names.ts";
import type { OpenApiDocument, OperationObject, Parameter, PathItem } from "./open-api.ts";
import { representationRef } from "./schemas/representation-schema.ts";
import type { Scope } from "./scope.ts";
import { capital } from "./words.ts";

const NAMES = ["settled", "deleted"] as const;

type EventName = (typeof NAMES)[number];

/** Describes the events of the types whose receivers the app declares; nothing for an app without any. */
export function webhooksOf(scopes: readonly Scope[]): Pick<OpenApiDocument, "webhooks"> {
  const webhooks = scopes
    .filter(({ type }) => (type.policy.webhooks?.urls.length ?? 0) > 0)
    .flatMap((scope) => NAMES.map((name) => [`${scope.type.name}.${name}`, eventItem(scope, name, "event")] as const));
  return webhooks.length === 0 ? {} : { webhooks: Object.fromEntries(webhooks) };
}

/** Describes the events that a receiver gets whom a client names in a POST; nothing for a type without the field. */
export function callbacksOf(scope: Scope): Pick<OperationObject, "callbacks"> {
  if (scope.type.policy.webhooks?.perResource !== true) return {};
  const items = NAMES.map((name) => [name, { [RECEIVER]: eventItem(scope, name, "callback") }] as const);
  return { callbacks: Object.fromEntries(items) };
}

/** Runtime expression of the URL that the body names. */
const RECEIVER = "{$request.body#/webhook}";

/** Schema of the field `webhook`. */
export const WEBHOOK_SCHEMA = {
  type: "string",
  format: "uri",
  title: "Webhook",
  maxLength: 2048,
  description:
    "https URL that gets a request, by Standard Webhooks, when an operation of the resource is settled. No response contains it.",
  examples: ["https://client.example.com/hooks"],
} as const;

function eventItem(scope: Scope, name: EventName, role: string): PathItem {
  const { type, words, components, operationId } = scope;
  const cause =
    name === "settled"
      ? "an operation is settled, whether it succeeded, failed or was cancelled"
      : "a delete is settled";
  const schema = components.schema(type.name, `${type.schemaName}${capital(name)}`, () => ({
    type: "object",
    title: `${capital(name)} ${words.name}`,
    required: ["type", "timestamp", "data"],
    properties: {
      type: { type: "string", const: `${type.name}.${name}` },
      timestamp: { type: "string", format: "date-time", description: "Instant at which the operation was settled." },
      data:
        name === "settled"
          ? representationRef(scope)
          : { type: "object", required: ["id"], properties: { id: { type: "string" } } },
    },
  }));
  return {
    post: {
      operationId: operationId(`${camelCase(type.name)}${capital(name)}`, role),
      tags: [words.tag],
      summary: `Informs about a ${name} ${words.name}`,
      description: `Sent when ${cause}. It may arrive more than once, with the same \`webhook-id\`.`,
      parameters: HEADERS,
      requestBody: { required: true, content: { "application/json": { schema } } },
      responses: {
        "204": { description: "The event was accepted" },
        "410": { description: "The receiver wants no more tries of this event" },
      },
    },
  };
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const HEADERS: readonly Parameter[] = [
  ["webhook-id", "Id of the event, the same in each try.", "msg_0m8fy4dfka2tn0q0hr3h6w"],
  ["webhook-timestamp", "Instant of the try, in seconds since 1970.", "1767225600"],
  [
    "webhook-signature",
    "Signatures, separated by spaces: `v1,` and an HMAC of SHA-256 in Base64.",
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  ],
].map(([name = "", description = "", example]) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
  example,
}));
