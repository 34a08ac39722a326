import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { escapePointer, type Issue } from "../../core/json/schema.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import { Refusal } from "../http/problems.ts";

/** Maximum number of listed errors: a small body can have very many. */
const MAX_LISTED_ISSUES = 100;

/** Creates the refusal of a failed validation. Lists the errors up to a limit. */
export function validationError(issues: readonly Issue[]): Refusal {
  const more = issues.length > MAX_LISTED_ISSUES ? `; the first ${MAX_LISTED_ISSUES} are listed` : "";
  const detail = `The body has ${issues.length} ${issues.length === 1 ? "error" : "errors"}${more}. Each has a JSON pointer to its position.`;
  return new Refusal("validation", detail, { errors: issues.slice(0, MAX_LISTED_ISSUES) });
}

/** Returns the errors of a body that must be an object with no other fields than these. */
export function unknownFields(body: unknown, known: readonly string[]): readonly Issue[] {
  const [only, ...more] = known;
  const named = more.length === 0 ? `the field ${only} alone` : `only the fields ${known.join(", ")}`;
  const allowed = only === undefined ? "no fields" : named;
  if (!isJsonObject(body)) return [{ pointer: "", detail: `must be an object, with ${allowed}` }];
  return Object.keys(body)
    .filter((name) => !known.includes(name))
    .map((name) => ({ pointer: `/${escapePointer(name)}`, detail: `is not known here; a request has ${allowed}` }));
}

export interface ValidatedConfiguration {
  /** The configuration as the client sent it. */
  readonly rawConfiguration: string;
  /** The configuration as the schema returned it, with defaults. */
  readonly configuration: string;
}

const REQUIRED: Issue = { pointer: "/configuration", detail: "is required" };

/**
 * Validates a `configuration`.
 *
 * @param issues errors of the rest of the body
 * @throws Refusal `validation` with all errors of both
 */
export async function validateConfiguration(
  { configuration: { schema }, policy }: ResourceType,
  value: unknown,
  issues: readonly Issue[],
): Promise<ValidatedConfiguration> {
  if (value === undefined) {
    throw validationError(issues.some(({ pointer }) => pointer === "") ? issues : [...issues, REQUIRED]);
  }
  const validated = await validateToJson(schema, value, "/configuration");
  const all = [...issues, ...withoutSecrets(validated.issues ?? [], value, policy.redact)];
  if (all.length > 0 || validated.issues !== undefined) throw validationError(all);
  return { rawConfiguration: JSON.stringify(value), configuration: validated.text };
}

export function configurationOf(body: unknown): unknown {
  return isJsonObject(body) ? body["configuration"] : undefined;
}
