import { isJsonObject } from "../../core/json/json.ts";
import { createUniqueNames } from "../../server/openapi/unique-names.ts";
import { type AnyDocument, equals, type JsonObject, mapObjects } from "./any-document.ts";

/** A component as references name it, such as `schemas/Order`. */
type ComponentName = string;

const REFERENCE = /^#\/components\/(.+)$/;

/** Gives components whose names the own document uses for something else a number, and all references to them. */
export function renameComponents(base: AnyDocument, added: AnyDocument): AnyDocument {
  const renamed = newNames(base, added);
  if (renamed.size === 0) return added;
  const nameOf = (kind: string, name: string): string => renamed.get(`${kind}/${name}`) ?? name;
  const components = Object.entries(added.components ?? {}).map(([kind, items]): readonly [string, JsonObject] => [
    kind,
    Object.fromEntries(Object.entries(items).map(([name, item]) => [nameOf(kind, name), item])),
  ]);
  const security = (requirements: unknown): unknown =>
    Array.isArray(requirements)
      ? requirements.map((each: JsonObject) =>
          Object.fromEntries(Object.entries(each).map(([name, scopes]) => [nameOf("securitySchemes", name), scopes])),
        )
      : requirements;
  const document: AnyDocument = { ...added, components: Object.fromEntries(components) };
  return mapObjects(document, (object) => {
    const { $ref, security: requirements } = object;
    const referred = typeof $ref === "string" ? REFERENCE.exec($ref)?.[1] : undefined;
    const name = referred === undefined ? undefined : renamed.get(referred);
    return {
      ...object,
      ...(name === undefined ? {} : { $ref: `#/components/${kindOf(referred)}/${name}` }),
      ...(Array.isArray(requirements) ? { security: security(requirements) } : {}),
    };
  });
}

function kindOf(component: ComponentName = ""): string {
  return component.slice(0, component.indexOf("/"));
}

/** Returns the new names of components, by component. */
function newNames(base: AnyDocument, added: AnyDocument): ReadonlyMap<ComponentName, string> {
  const uniqueName = createUniqueNames();
  const own = componentsOf(base);
  for (const name of own.keys()) uniqueName("own", name);
  const given = componentsOf(added);
  const conflicting = new Set(
    [...given].filter(([name, item]) => own.has(name) && !equals(own.get(name), item)).map(([name]) => name),
  );
  // A component that refers to a renamed one differs from the own one, too, although both look the same.
  let known = -1;
  while (known !== conflicting.size) {
    known = conflicting.size;
    for (const [name, item] of given) {
      if (own.has(name) && referencesOf(item).some((referred) => conflicting.has(referred))) conflicting.add(name);
    }
  }
  // Names of other added components must not be taken.
  for (const name of given.keys()) if (!own.has(name)) uniqueName("added", name);
  return new Map([...conflicting].map((name) => [name, uniqueName("added", name).slice(kindOf(name).length + 1)]));
}

function componentsOf({ components = {} }: AnyDocument): ReadonlyMap<ComponentName, unknown> {
  return new Map(
    Object.entries(components).flatMap(([kind, items]) =>
      Object.entries(items).map(([name, item]) => [`${kind}/${name}`, item] as const),
    ),
  );
}

function referencesOf(value: unknown): readonly ComponentName[] {
  if (Array.isArray(value)) return value.flatMap((part) => referencesOf(part));
  if (!isJsonObject(value)) return [];
  const { $ref } = value;
  const referred = typeof $ref === "string" ? REFERENCE.exec($ref)?.[1] : undefined;
  return [...(referred === undefined ? [] : [referred]), ...Object.values(value).flatMap((part) => referencesOf(part))];
}
