import { DefinitionError } from "../core/errors.ts";
import type { ResourceType } from "../core/resource-type.ts";

/** Throws where two types could not be told apart. */
export function checkTypes(types: readonly ResourceType[]): void {
  if (types.length === 0) throw new DefinitionError("createApp: resources: give at least one resource type");
  const names = new Map<string, string>();
  for (const { name, path } of types) {
    for (const [what, value] of [["name", name], ["path", path]] as const) {
      const place = `${what} ${JSON.stringify(value)}`;
      if (names.has(place)) throw new DefinitionError(`createApp: resources: the ${place} is declared twice`);
      names.set(place, name);
    }
  }
}
