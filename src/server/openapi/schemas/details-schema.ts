import { isJsonObject } from "../../../core/json/json.ts";
import { resolvePointer } from "../../../core/json/resolve-pointer.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";
import type { Scope } from "../scope.ts";
import { relocated } from "./declared-schema.ts";
import { listOf } from "./map-schema.ts";

/** The details of a type as top-level fields of its representation. */
export interface DetailsSchema {
  /** By name, where the schema names them outright. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** What holds once settled successfully. */
  readonly whole: JsonSchema;
}

export function detailsSchema({ type, components }: Scope): DetailsSchema {
  const { output } = type.details;
  const place = (): string =>
    components.schema(type.name, `${type.schemaName}Details`, () => relocated(output, place)).$ref;
  const { properties } = output;
  const relocatedProperties = relocated({ properties: isJsonObject(properties) ? properties : {} }, place)[
    "properties"
  ];
  const whole = opened(output, output, new Set());
  const { properties: _properties, $defs: _defs, type: _type, title: _title, ...rest } = relocated(whole, place);
  return { properties: isJsonObject(relocatedProperties) ? relocatedProperties : {}, whole: rest };
}

const BRANCHES = ["allOf", "anyOf", "oneOf"] as const;

/** Without the ban on further fields, of itself and of its branches: beside the details stand the fields of the resource. */
function opened(schema: JsonSchema, root: JsonSchema, seen: ReadonlySet<string>): JsonSchema {
  const { additionalProperties: _additional, unevaluatedProperties: _unevaluated, $ref, ...open } = schema;
  if (typeof $ref === "string") {
    const target = seen.has($ref) ? undefined : resolvePointer(root, $ref);
    return target === undefined ? open : { ...opened(target, root, new Set([...seen, $ref])), ...open };
  }
  const branches = BRANCHES.flatMap((keyword) => {
    const parts = listOf(open[keyword]);
    if (parts.length === 0) return [];
    return [[keyword, parts.map((part) => (isJsonObject(part) ? opened(part, root, seen) : part))] as const];
  });
  return { ...open, ...Object.fromEntries(branches) };
}
