import { DefinitionError } from "../errors.ts";
import { editField, type FieldPath } from "../json/edit-field.ts";
import { isJsonObject } from "../json/json.ts";
import type { JsonSchema } from "../json/schema.ts";
import type { DeclaredSchema } from "./resource-type.ts";

/** The redacted fields of a configuration. */
export interface Redaction {
  readonly paths: readonly FieldPath[];
  /**
   * The schema of the configuration: its input side with the redacted fields as `writeOnly`, its output side without
   * them.
   */
  readonly configuration: DeclaredSchema;
}

/**
 * Parses the `redact` of a declaration: names joined by dots, such as `database.password`.
 *
 * @throws DefinitionError for a field that the schema does not declare
 */
export function declaredRedaction(declared: DeclaredSchema, redact: readonly string[], option: string): Redaction {
  const paths = redact.map((name) => name.split("."));
  let { input, output } = declared;
  for (const [index, path] of paths.entries()) {
    input = edited(input, path, writeOnly, `${option}[${index}]`);
    output = edited(output, path, () => undefined, `${option}[${index}]`);
  }
  return { paths, configuration: { ...declared, input, output } };
}

function edited(schema: JsonSchema, path: FieldPath, edit: (field: unknown) => unknown, option: string): JsonSchema {
  const found = editField(schema, path, edit);
  if (found !== undefined) return found;
  throw new DefinitionError(
    `${option}: the schema of the configuration declares no field ${JSON.stringify(path.join("."))}; use the name of one, with dots between nested names: "database.password"`,
  );
}

function writeOnly(field: unknown): unknown {
  return isJsonObject(field) ? { ...field, writeOnly: true } : { writeOnly: true };
}
