import { plural, pascalCase } from "../../core/definition/names.ts";
import type { DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { policyOf } from "../../core/policy.ts";
import type { Store, StoredType } from "../../core/ports/store.ts";

/** Accepts and describes anything: what is stored of a type that is not declared any more is shown as it is. */
const ANYTHING: DeclaredSchema = {
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
 * Types of which the store has resources and that the app does not declare: they stay readable under the plural of their name, but
 * for what they redacted when they were declared.
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
    configuration: ANYTHING,
    details: ANYTHING,
    policy: { ...policyOf(new Map(), name), redact },
    operations: new Map(),
    receives: new Map(),
    representation: { timestamps: false, progress: "percent", time: "text", liveness: false },
    liveStatus: false,
    concurrency: 1,
  };
}
