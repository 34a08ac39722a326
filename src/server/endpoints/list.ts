import { createHash } from "node:crypto";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { declaredLabels } from "../../core/policy.ts";
import type { ListPosition } from "../../core/ports/store.ts";
import { authorizeCollection, ownerOf } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { createRenderer } from "../representation/representation.ts";
import { cursorOf, invalidCursor, readCursor } from "../request/cursor.ts";
import { createFieldsReader } from "../request/fields.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter, listParameter, parseQuery } from "../request/query.ts";

const PARAMETERS = ["status", "limit", "after", "fields"];
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** `GET` of the collection: the resources that the principal may see in pages, newest first. */
export function listEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const render = createRenderer(type, context.estimates);
  const readFields = createFieldsReader(type);
  const labels = declaredLabels(type.policy);
  const { options, store, clock } = context;
  return async ({ http, principal }) => {
    const query = parseQuery(http.query, PARAMETERS);
    negotiate(http.header("accept"), [JSON_TYPE]);
    const seesAllOwners = await authorizeCollection(principal, { method: http.method, type: type.name }, options);
    const fields = readFields(query);
    const statuses = listParameter(query, "status", labels);
    const limit = countParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    const owner = seesAllOwners ? undefined : ownerOf(principal);
    const list = listName(type.name, statuses);
    const after = readPosition(query.get("after"), list);

    const rows = await store.list({
      type: type.name,
      // One more than the page shows whether a next page exists.
      limit: limit + 1,
      ...(owner === undefined ? {} : { owner }),
      ...(statuses === undefined ? {} : { statuses }),
      ...(after === undefined ? {} : { after }),
    });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const next = last === undefined ? undefined : cursorOf({ createdAt: last.createdAt, id: last.id }, list);
    const now = clock.now();
    const items = page.map((resource) => render(resource, now, fields).text).join(",");
    const link =
      next === undefined
        ? []
        : ["Link", `<${context.publicPath(http.path, http)}?${nextQuery(http.query, next)}>; rel="next"`];
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...link],
      body: `{"items":[${items}]${next === undefined ? "" : `,"next":"${next}"`}}`,
    };
  };
}

/** Returns the name of a list, by its type and filter. A cursor is valid only for its list. */
function listName(type: string, statuses: readonly string[] = []): string {
  return createHash("sha256")
    .update(JSON.stringify([type, statuses.toSorted()]))
    .digest("base64url")
    .slice(0, 12);
}

/** @throws Refusal `invalid-cursor` */
function readPosition(cursor: string | undefined, list: string): ListPosition | undefined {
  const position = readCursor(cursor, list);
  if (position === undefined) return undefined;
  const { createdAt, id } = position;
  if (typeof createdAt !== "number" || !Number.isSafeInteger(createdAt) || typeof id !== "string") {
    throw invalidCursor("is not one that this server made");
  }
  return { createdAt, id };
}

function nextQuery(query: string, next: string): string {
  const others = query.split("&").filter((part) => part !== "" && !part.startsWith("after="));
  return [...others, `after=${next}`].join("&");
}
