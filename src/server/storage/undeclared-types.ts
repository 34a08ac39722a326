import { plural, pascalCase } from "../../core/definition/names.ts";
import { DEFAULT_REPRESENTATION } from "../../core/definition/representation-fields.ts";
import type { DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { policyOf } from "../../core/policy.ts";
import type { Store, StoredType } from "../../core/ports/store.ts";

/** A schema that accepts anything: resources of a type that is no longer declared are shown as stored. */
const ANY_SCHEMA: DeclaredSchema = {
  schema: {
    "~standard": {
      version: 1,
      vendor: "afoot",
      validate: (value) => ({ value }),
      jsonSchema: { input: () => ({}), output: () => ({}) },
    },
  },
  input: {},
  output: {},
};

/**
 * Returns the types that have stored resources but are not declared by the app. They stay readable under the plural of their name,
 * without the fields that they redacted when they were declared.
 */
export async function undeclaredTypes(
  store: Pick<Store, "types">,
  declared: readonly ResourceType[],
): Promise<readonly ResourceType[]> {
  const names = new Set(declared.map(({ name }) => name));
  const paths = new Set(declared.map(({ path }) => path));
  const found = await store.types();
  return found.filter(({ name }) => !names.has(name) && !paths.has(plural(name))).map(undeclaredType);
}

function undeclaredType({ name, redact }: StoredType): ResourceType {
  return {
    name,
    path: plural(name),
    schemaName: pascalCase(name),
    configuration: ANY_SCHEMA,
    details: ANY_SCHEMA,
    policy: { ...policyOf(new Map(), name), redact },
    operations: new Map(),
    receives: new Map(),
    representation: DEFAULT_REPRESENTATION,
    liveStatus: false,
    concurrency: 1,
  };
}
