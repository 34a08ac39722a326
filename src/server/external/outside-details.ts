import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import { reservedFields } from "./message-check.ts";

export type OutsideDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** The details with which an outside process ends an operation, as the type's schema has them. */
export async function outsideDetails(
  { details }: ResourceType,
  value: unknown,
  pointer: string,
): Promise<OutsideDetails> {
  const validated = await validate(details.schema, value, pointer);
  if (validated.issues !== undefined) return { issues: validated.issues };
  if (!isJsonObject(validated.value)) return { issues: [{ pointer, detail: "must be an object" }] };
  const issues = reservedFields(validated.value, pointer);
  return issues.length > 0 ? { issues } : { details: JSON.stringify(validated.value) };
}
