import { encodeJson, NotJsonError } from "./encode-json.ts";
import type { JsonText } from "./json.ts";
import { type Issue, type Schema, validate } from "./schema.ts";

export type ValidatedJson =
  | { readonly value: unknown; readonly text: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/**
 * Validates a value as {@link validate} does, and encodes the validated value as JSON. A schema may replace values by ones that JSON
 * would lose, such as NaN: that is a validation error as well.
 */
export async function validateToJson(schema: Schema, value: unknown, at = ""): Promise<ValidatedJson> {
  const validated = await validate(schema, value, at);
  if (validated.issues !== undefined) return validated;
  try {
    return { value: validated.value, text: encodeJson(validated.value, "") };
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    return { issues: [{ pointer: at + error.pointer, detail: error.reason }] };
  }
}
