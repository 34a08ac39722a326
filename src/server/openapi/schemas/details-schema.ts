import { isJsonObject } from "../../../core/json/json.ts";
import { resolvePointer } from "../../../core/json/resolve-pointer.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";
import type { Scope } from "../scope.ts";
import { relocated } from "./declared-schema.ts";
import { listOf } from "./map-schema.ts";

/** The details of a type as top-level fields of its representation. */
export interface DetailsSchema {
  /** Fields by name, if the schema lists them directly. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Constraints that hold once settled successfully. */
  readonly keywords: JsonSchema;
}

export function detailsSchema({ type, components }: Scope): DetailsSchema {
  const { output } = type.details;
  const location = (): string =>
    components.schema(type.name, `${type.schemaName}Details`, () => relocated(output, location)).$ref;
  const { properties } = output;
  const relocatedProperties = relocated({ properties: isJsonObject(properties) ? properties : {} }, location)[
    "properties"
  ];
  const openSchema = withoutClosing(output, output, new Set());
  const {
    properties: _properties,
    $defs: _defs,
    type: _type,
    title: _title,
    ...rest
  } = relocated(openSchema, location);
  return { properties: isJsonObject(relocatedProperties) ? relocatedProperties : {}, keywords: rest };
}

const BRANCHES = ["allOf", "anyOf", "oneOf"] as const;

/** Removes the ban on further fields from a schema and its branches: the details share an object with the fields of the resource. */
function withoutClosing(schema: JsonSchema, root: JsonSchema, seen: ReadonlySet<string>): JsonSchema {
  const { additionalProperties: _additional, unevaluatedProperties: _unevaluated, $ref, ...open } = schema;
  if (typeof $ref === "string") {
    const target = seen.has($ref) ? undefined : resolvePointer(root, $ref);
    return target === undefined ? open : { ...withoutClosing(target, root, new Set([...seen, $ref])), ...open };
  }
  const branches = BRANCHES.flatMap((keyword) => {
    const parts = listOf(open[keyword]);
    if (parts.length === 0) return [];
    return [[keyword, parts.map((part) => (isJsonObject(part) ? withoutClosing(part, root, seen) : part))] as const];
  });
  return { ...open, ...Object.fromEntries(branches) };
}
