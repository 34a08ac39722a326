import { DefinitionError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { createUniqueNames } from "../../server/openapi/unique-names.ts";
import { addedPaths } from "./added-paths.ts";
import { type AnyDocument, asDocument, equals, type JsonObject, mapObjects } from "./any-document.ts";
import { renameComponents } from "./rename-components.ts";
import { toOpenApi30 } from "./to-open-api-30.ts";

/**
 * Merges the OpenAPI document of an app into that of an application: `mergeOpenApi(own, app.openapi())`. Returns a new
 * document with the version, `info` and `servers` of the application's own.
 *
 * - The operations of the app state their own security, whatever the application's default is.
 * - Components and operation ids whose names the application uses for something else get a number.
 * - A tag keeps the application's description.
 * - Paths are relative to the application's servers, if these include the beginning of the base path.
 * - For a document of OpenAPI 3.0, schemas are converted. Keywords without an equivalent are left out.
 *
 * @throws DefinitionError if both documents have the same operation, or if a version is not 3.0, 3.1 or 3.2
 */
export function mergeOpenApi<Own extends object>(own: Own, addition: object): Own {
  const base = asDocument(own, "own document");
  const given = asDocument(structuredClone(addition), "document of the app");
  const converted = isVersion30(base) && !isVersion30(given) ? toOpenApi30(given) : given;
  const renamed = renameComponents(base, converted);
  const added = renameOperations(base, { ...renamed, paths: addedPaths(base, renamed) });
  const merged = {
    ...base,
    paths: mergePaths(base.paths ?? {}, added.paths ?? {}),
    components: mergeComponents(base.components ?? {}, added.components ?? {}),
    tags: mergeTags(base.tags ?? [], added.tags ?? []),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fields that the own document had keep their types
  return merged as AnyDocument & Own;
}

function isVersion30({ openapi }: AnyDocument): boolean {
  return openapi.startsWith("3.0");
}

/** Gives operation ids that the own document has, too, a number, in links as well. */
function renameOperations(base: AnyDocument, added: AnyDocument): AnyDocument {
  const uniqueId = createUniqueNames();
  const taken = new Set<string>();
  for (const [path, item] of Object.entries(base.paths ?? {})) {
    for (const [method, { operationId }] of operationsOf(item)) {
      if (typeof operationId !== "string" || equals(added.paths?.[path]?.[method], item[method])) continue;
      taken.add(operationId);
      uniqueId("own", operationId);
    }
  }
  return mapObjects(added, (object) => {
    const { operationId } = object;
    if (typeof operationId !== "string" || !taken.has(operationId)) return object;
    return { ...object, operationId: uniqueId("added", operationId) };
  });
}

function operationsOf(item: JsonObject): readonly (readonly [method: string, operation: JsonObject])[] {
  return Object.entries(item).flatMap(([method, operation]) =>
    isJsonObject(operation) ? [[method, operation] as const] : [],
  );
}

type Paths = Readonly<Record<string, JsonObject>>;

/** @throws DefinitionError for an operation in both */
function mergePaths(own: Paths, added: Paths): Paths {
  const merged = new Map(Object.entries(own));
  for (const [path, item] of Object.entries(added)) {
    const existing = merged.get(path) ?? {};
    for (const [field, value] of Object.entries(item)) {
      if (existing[field] === undefined || equals(existing[field], value)) continue;
      throw new DefinitionError(
        `mergeOpenApi: both documents have ${field.toUpperCase()} ${path}; choose another base path for the app`,
      );
    }
    merged.set(path, { ...existing, ...item });
  }
  return Object.fromEntries(merged);
}

function mergeComponents(own: Paths, added: Paths): Paths {
  const kinds = new Set([...Object.keys(own), ...Object.keys(added)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, { ...own[kind], ...added[kind] }]));
}

function mergeTags(own: readonly JsonObject[], added: readonly JsonObject[]): readonly JsonObject[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...added.filter(({ name }) => !names.has(name))];
}
