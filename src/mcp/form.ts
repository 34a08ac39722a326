import type { ElicitRequestFormParams, InputRequest } from "@modelcontextprotocol/server";
import { isJsonObject } from "../core/json/json.ts";
import type { JsonSchema } from "../core/json/schema.ts";

type FormSchema = ElicitRequestFormParams["requestedSchema"];

/** Returns a request for a form of these fields; undefined if a form cannot show one of them. */
export function formRequest(message: string, { properties, required }: JsonSchema): InputRequest | undefined {
  const fields = Object.entries(isJsonObject(properties) ? properties : {}).map(
    ([name, schema]) => [name, isJsonObject(schema) ? fieldOf(schema) : undefined] as const,
  );
  if (fields.length === 0 || fields.some(([, field]) => field === undefined)) return undefined;
  const requestedSchema = {
    type: "object",
    properties: Object.fromEntries(fields),
    ...(Array.isArray(required) ? { required: required.map(String) } : {}),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fieldOf` keeps only what a form allows
  const params = { mode: "form", message, requestedSchema: requestedSchema as FormSchema } as const;
  return { method: "elicitation/create", params };
}

/** Keywords that a form allows, by type of the field. The API validates the others. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "default"],
  number: ["minimum", "maximum", "default"],
  integer: ["minimum", "maximum", "default"],
  boolean: ["default"],
};
const FORMATS: ReadonlySet<unknown> = new Set(["email", "uri", "date", "date-time"]);

/** Forms are flat: a field is a text, a number, a boolean, or one of several texts. A redacted field is not asked for. */
function fieldOf(schema: JsonSchema): JsonSchema | undefined {
  const { type, enum: values, format, writeOnly, title, description } = schema;
  const choices: readonly unknown[] | undefined = Array.isArray(values) ? values : undefined;
  const keywords = typeof type === "string" && Object.hasOwn(KEYWORDS, type) ? KEYWORDS[type] : undefined;
  if (keywords === undefined || writeOnly === true) return undefined;
  const kept = keywords.flatMap((keyword): [string, unknown][] =>
    schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]],
  );
  if (values !== undefined && (type !== "string" || choices === undefined)) return undefined;
  return {
    type,
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof description === "string" ? { description } : {}),
    ...Object.fromEntries(kept),
    ...(choices === undefined ? {} : { enum: choices }),
    ...(FORMATS.has(format) ? { format } : {}),
  };
}

/** The response of a user to a form. */
export type FormResponse =
  | { readonly action: "accept"; readonly content: Readonly<Record<string, unknown>> }
  | { readonly action: "decline" | "cancel" };

/** Reads a response of a client; undefined if it is none. */
export function formResponse(response: unknown): FormResponse | undefined {
  if (!isJsonObject(response)) return undefined;
  const { action, content } = response;
  if (action === "decline" || action === "cancel") return { action };
  return action === "accept" ? { action, content: isJsonObject(content) ? content : {} } : undefined;
}
