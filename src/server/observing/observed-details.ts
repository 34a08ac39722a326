import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import { reservedFields } from "../external/message-check.ts";

export interface ObservedDetailsParts {
  /** As they were observed: some of the fields. */
  readonly details: unknown;
  /** Those that are shown. */
  readonly before: JsonText;
  readonly type: ResourceType;
  /** They have to be as the schema says, to the last field: the operation ends with them. */
  readonly isWhole: boolean;
}

export type ObservedDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** Merges observed details over those that are shown, and says what of it does not fit the type's schema. */
export async function observedDetails({
  details = {},
  before,
  type,
  isWhole,
}: ObservedDetailsParts): Promise<ObservedDetails> {
  // What JSON makes of it is what clients will see, so that is what the schema is asked about.
  const observed: unknown = JSON.parse(JSON.stringify(details) ?? "null");
  if (!isJsonObject(observed)) return { issues: [{ pointer: "", detail: "must be an object" }] };
  const reserved = reservedFields(observed, "");
  if (reserved.length > 0) return { issues: reserved };
  const shown: unknown = JSON.parse(before);
  const merged = { ...(isJsonObject(shown) ? shown : {}), ...observed };
  const validated = await validate(type.details.schema, merged);
  if (isWhole) {
    if (validated.issues !== undefined) return { issues: validated.issues };
    return { details: JSON.stringify(validated.value) };
  }
  // Fields that are still missing are no fault while it goes on.
  const issues = (validated.issues ?? []).filter(({ pointer }) => Object.hasOwn(observed, fieldOf(pointer)));
  return issues.length > 0 ? { issues } : { details: JSON.stringify(merged) };
}

/** The first reference token of a pointer. */
function fieldOf(pointer: string): string {
  return (pointer.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
}
