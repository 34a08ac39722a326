import { camelCase } from "../core/definition/names.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { DefinitionError } from "../core/errors.ts";

/** What an app has beside its collections. */
const RESERVED: ReadonlySet<string> = new Set([
  "types",
  "options",
  "start",
  "close",
  "fetch",
  "handler",
  "status",
  "metrics",
]);

/** Throws where two types could not be told apart. */
export function checkTypes(types: readonly ResourceType[]): void {
  if (types.length === 0) throw new DefinitionError("createApp: resources: give at least one resource type");
  for (const { name, path } of types) {
    if (RESERVED.has(camelCase(path))) {
      throw new DefinitionError(
        `createApp: ${name}: the path ${JSON.stringify(path)} would hide app.${camelCase(path)}; choose another path`,
      );
    }
  }
  const names = new Map<string, string>();
  for (const { name, path } of types) {
    for (const [what, value] of [
      ["name", name],
      ["path", path],
    ] as const) {
      const place = `${what} ${JSON.stringify(value)}`;
      if (names.has(place)) throw new DefinitionError(`createApp: resources: the ${place} is declared twice`);
      names.set(place, name);
    }
  }
}
