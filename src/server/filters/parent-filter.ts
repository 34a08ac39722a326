import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ResourceKey } from "../../core/resource.ts";
import { Refusal } from "../http/problems.ts";
import { decodeParameter, type Query } from "../request/query.ts";

/** Parameters that a list of children cannot have: it is read by another index. */
const EXCLUDED = /^(?:id|updatedAfter|metadata\..*)$/s;

/**
 * Returns the parent of a list of children: `?parent=order/0af7`, with the name or the path of the type, or the URL of the
 * parent. Undefined without the parameter.
 *
 * @throws Refusal `invalid-query` for a type that is no parent, or a parameter that cannot be combined with `parent`
 */
export function parentFilter(query: Query, { name, links }: ResourceType): ResourceKey | undefined {
  const value = query.get("parent");
  if (value === undefined) return undefined;
  const excluded = [...query.keys()].find((parameter) => EXCLUDED.test(parameter));
  if (excluded !== undefined) {
    throw new Refusal("invalid-query", `parent: cannot be combined with ${excluded}; send one of them.`);
  }
  const text = decodeParameter(value);
  const [, given = "", id = ""] = /(?:^|\/)([^/?#]+)\/([^/?#]+)$/.exec(text) ?? [];
  const parents = [...(links?.parents ?? [])];
  const found = parents.find((names) => names.includes(given));
  if (found !== undefined) return { type: found[0], id };
  const known = parents.map(([type]) => `${type}/{id}`).join(", ");
  throw new Refusal(
    "invalid-query",
    `parent: ${JSON.stringify(text.slice(0, 100))} is no parent of a ${name}; send ${known}, or the URL of the parent.`,
  );
}
