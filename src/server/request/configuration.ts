import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { withoutSecrets } from "../../core/json/redact.ts";
import { escapePointer, type Issue, validate } from "../../core/json/schema.ts";
import { Refusal } from "../http/problems.ts";

/** How many faults are listed at most: a small body can have very many. */
const MOST_ISSUES = 100;

/** A validation that failed. Lists every fault up to a limit. */
export function invalid(issues: readonly Issue[]): Refusal {
  const more = issues.length > MOST_ISSUES ? `, of which the first ${MOST_ISSUES} are listed` : "";
  const detail = `The body has ${issues.length} ${issues.length === 1 ? "fault" : "faults"}${more}; each says where by a JSON pointer.`;
  return new Refusal("validation", detail, { errors: issues.slice(0, MOST_ISSUES) });
}

/** Gives the faults of a body that has to be an object with these fields at most. */
export function unknownFields(body: unknown, known: readonly string[]): readonly Issue[] {
  const may = known.length === 0 ? "no fields" : `the field ${known.join(", ")} alone`;
  if (!isJsonObject(body)) return [{ pointer: "", detail: `must be an object, with ${may}` }];
  return Object.keys(body)
    .filter((name) => !known.includes(name))
    .map((name) => ({ pointer: `/${escapePointer(name)}`, detail: `is not known here; a request has ${may}` }));
}

export interface ValidConfiguration {
  /** As the client sent it. */
  readonly rawConfiguration: string;
  /** As the schema made it: defaults filled in. */
  readonly configuration: string;
}

const REQUIRED: Issue = { pointer: "/configuration", detail: "is required" };

/** Validates a `configuration` together with the rest of its body. @throws Refusal `validation` with all faults of both */
export async function validConfiguration(
  { configuration: { schema }, policy }: ResourceType,
  value: unknown,
  issues: readonly Issue[],
): Promise<ValidConfiguration> {
  if (value === undefined) throw invalid(issues.some(({ pointer }) => pointer === "") ? issues : [...issues, REQUIRED]);
  const validated = await validate(schema, value, "/configuration");
  const all = [...issues, ...withoutSecrets(validated.issues ?? [], value, policy.redact)];
  if (all.length > 0 || validated.issues !== undefined) throw invalid(all);
  return { rawConfiguration: JSON.stringify(value), configuration: JSON.stringify(validated.value) };
}

export function configurationOf(body: unknown): unknown {
  return isJsonObject(body) ? body["configuration"] : undefined;
}
