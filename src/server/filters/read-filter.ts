import type { ResourceType } from "../../core/definition/resource-type.ts";
import { keyError, MAX_PAIRS, type Metadata } from "../../core/json/metadata.ts";
import { declaredLabels } from "../../core/policy.ts";
import type { ResourceFilter } from "../../core/ports/finding.ts";
import type { ResourceKey } from "../../core/resource.ts";
import { Refusal } from "../http/problems.ts";
import { parseInstant } from "../request/instants.ts";
import { decodeParameter, listParameter, parseQuery, type Query } from "../request/query.ts";

const PARAMETERS = ["status", "limit", "after", "fields", "id"];

/** Prefix of the parameters that filter by metadata. */
const METADATA = "metadata.";

/** The filters of a list. */
export interface ListFilter extends ResourceFilter {
  /** Only the resources with these ids, in this order. */
  readonly ids?: readonly string[] | undefined;
  /** Only the children of this resource. */
  readonly parent?: ResourceKey | undefined;
}

/** Creates a reader of the queries of a list. @throws Refusal `invalid-query` */
export function createFilterReader(type: ResourceType): (text: string) => readonly [Query, ListFilter] {
  const { policy, representation, links } = type;
  const labels = declaredLabels(policy);
  const known = [
    ...PARAMETERS,
    ...(policy.updatedAfter === true ? ["updatedAfter"] : []),
    ...((links?.parents.size ?? 0) > 0 ? ["parent"] : []),
  ];
  return (text) => {
    const query = parseQuery(text, known, representation.metadata ? METADATA : undefined);
    const ids = listParameter(query, "id", NO_LABELS);
    const unpaged = ["limit", "after"].find((name) => query.has(name));
    if (ids !== undefined && unpaged !== undefined) {
      throw new Refusal("invalid-query", `${unpaged}: a list of ids has one page; send it without id.`);
    }
    const statuses = listParameter(query, "status", labels);
    const parent = parentFilter(query, type);
    return [query, { ids, parent, statuses, metadata: metadataFilter(query), updatedAfter: changeFilter(query) }];
  };
}

const NO_LABELS: ReadonlySet<string> = new Set();

function metadataFilter(query: Query): Metadata | undefined {
  const pairs = [...query].filter(([name]) => name.startsWith(METADATA));
  if (pairs.length > MAX_PAIRS) {
    throw new Refusal("invalid-query", `metadata: ${pairs.length} filters; a resource has at most ${MAX_PAIRS} pairs.`);
  }
  const decoded = pairs.map(([name, value]) => [name.slice(METADATA.length), decodeParameter(value)] as const);
  for (const [key, value] of decoded) {
    const error = keyError(key) ?? (value === "" ? "has no value; no resource has an empty one" : undefined);
    if (error !== undefined) throw new Refusal("invalid-query", `${METADATA}${key.slice(0, 100)} ${error}.`);
  }
  return decoded.length === 0 ? undefined : Object.fromEntries(decoded);
}

function changeFilter(query: Query): number | undefined {
  const value = query.get("updatedAfter");
  if (value === undefined) return undefined;
  // The plus of an offset is often sent as it is, where it means a space.
  const text = decodeParameter(value).replace(/ (\d\d:\d\d)$/, "+$1");
  const at = parseInstant(text);
  if (at !== undefined) return at;
  const problem = `${JSON.stringify(text.slice(0, 100))} is not an RFC 3339 instant such as 2026-01-31T12:00:00Z`;
  throw new Refusal("invalid-query", `updatedAfter: ${problem}.`);
}

/** Parameters that a list of children cannot have: it is read by another index. */
const EXCLUDED = /^(?:id|updatedAfter|metadata\..*)$/s;

/**
 * Returns the parent of a list of children: `?parent=order/0af7`, with the name or the path of the type, or the URL of the
 * parent. Undefined without the parameter.
 *
 * @throws Refusal `invalid-query` for a type that is no parent, or a parameter that cannot be combined with `parent`
 */
function parentFilter(query: Query, { name, links }: ResourceType): ResourceKey | undefined {
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
