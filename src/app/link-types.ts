import { camelCase } from "../core/definition/names.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { DefinitionError } from "../core/errors.ts";
import { linkFamilies } from "../server/children/link-families.ts";
import type { ServerOptions } from "../server/options.ts";
import { linkWebhooks } from "../server/webhooks/link-webhooks.ts";

/** Names of an app's members, which a collection must not hide. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "as",
  "types",
  "options",
  "start",
  "close",
  "fetch",
  "handler",
  "status",
  "metrics",
  "openapi",
  "pages",
  "health",
]);

/**
 * Checks the types of an app, and adds what they have only in it: links of families, and receivers of events.
 *
 * @throws DefinitionError
 */
export function linkTypes<Types extends readonly ResourceType[]>(
  types: Types,
  { webhooks }: Pick<ServerOptions, "webhooks">,
): Types {
  checkTypes(types);
  return linkWebhooks(linkFamilies(types), webhooks);
}

/** Checks that names and paths are unique and hide no member of the app. @throws DefinitionError */
function checkTypes(types: readonly ResourceType[]): void {
  if (types.length === 0) {
    throw new DefinitionError("createApp: resources: the list is empty. Pass at least one resource type.");
  }
  for (const { name, path } of types) {
    if (RESERVED_NAMES.has(camelCase(path))) {
      throw new DefinitionError(
        `createApp: ${name}: the path ${JSON.stringify(path)} would hide app.${camelCase(path)}. Choose another path.`,
      );
    }
  }
  const names = new Map<string, string>();
  for (const { name, path } of types) {
    for (const [field, value] of [
      ["name", name],
      ["path", path],
    ] as const) {
      const declared = `${field} ${JSON.stringify(value)}`;
      if (names.has(declared)) {
        throw new DefinitionError(
          `createApp: resources: the ${declared} is declared twice. Names and paths must be unique.`,
        );
      }
      names.set(declared, name);
    }
  }
}
