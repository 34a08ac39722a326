import type { ResourceType } from "../../core/definition/resource-type.ts";
import { type Resource, resourceKeyText } from "../../core/resource.ts";
import { pathPrefixOf } from "../http/public-url.ts";

export interface LinkOptions {
  readonly basePath: string;
  readonly publicUrl?: string | undefined;
}

/** Creates a function that writes the field `_links`, with a comma before its name; empty without links. */
export function createLinks(
  { name: type, links }: ResourceType,
  { basePath, publicUrl }: LinkOptions,
): (resource: Pick<Resource, "id" | "parent">) => string {
  if (links === undefined) return () => "";
  const base = `${pathPrefixOf(publicUrl)}${basePath}`;
  return ({ id, parent }) => {
    const path = parent === null ? undefined : links.parents.get(parent.type);
    const up =
      parent === null || path === undefined
        ? {}
        : { parent: { href: `${base}/${path}/${parent.id}`, name: parent.name } };
    const down = [...links.children].map(([declared, childPath]) => {
      const href = `${base}/${childPath}?parent=${resourceKeyText({ type, id })}`;
      return [declared, { href }] as const;
    });
    const all = { ...up, ...Object.fromEntries(down) };
    return Object.keys(all).length === 0 ? "" : `,"_links":${JSON.stringify(all)}`;
  };
}
