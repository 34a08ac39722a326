import type { ResourceType } from "../../../core/definition/resource-type.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";

/** Returns the schema of the field `_links`: the parent, and the list of the children of each declared name. */
export function linksSchema({ links }: ResourceType): JsonSchema {
  if (links === undefined) return {};
  const parents = [...links.parents.keys()].join(" or ");
  const href = { type: "string", format: "uri-reference" };
  const parent = {
    type: "object",
    description: `The ${parents} whose work created this resource; absent if a client did.`,
    required: ["href", "name"],
    properties: { href, name: { type: "string", description: "The name of the child within its parent." } },
  };
  const children = [...links.children.keys()].map((name) => {
    const description = `The list of the ${name} that its work has created.`;
    return [name, { type: "object", description, required: ["href"], properties: { href } }] as const;
  });
  return {
    type: "object",
    description: "Links to related resources.",
    properties: { ...(parents === "" ? {} : { parent }), ...Object.fromEntries(children) },
    required: children.map(([name]) => name),
  };
}
