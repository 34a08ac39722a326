import { createHash } from "node:crypto";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { declaredLabels } from "../../core/policy.ts";
import type { ListPosition } from "../../core/ports/store.ts";
import { authorizeCollection, ownerOf } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS } from "../http/headers.ts";
import { createRenderer } from "../representation/representation.ts";
import { cursorOf, invalidCursor, readCursor } from "../request/cursor.ts";
import { createFieldsReader } from "../request/fields.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { countParameter, listParameter, parseQuery } from "../request/query.ts";

const PARAMETERS = ["status", "limit", "after", "fields"];
const LIMIT = 50;
const MOST = 200;

/** `GET` of the collection: the principal's resources, the newest first, page by page. */
export function listEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const represent = createRenderer(type, context.estimates);
  const readFields = createFieldsReader(type);
  const labels = declaredLabels(type.policy);
  const { options, store, clock } = context;
  return async ({ http, principal }) => {
    const query = parseQuery(http.query, PARAMETERS);
    negotiate(http.header("accept"), [JSON_TYPE]);
    const isForAll = await authorizeCollection(principal, { method: http.method, type: type.name }, options);
    const fields = readFields(query);
    const statuses = listParameter(query, "status", labels);
    const limit = countParameter(query, "limit", LIMIT, MOST);
    const owner = isForAll ? undefined : ownerOf(principal);
    const list = nameOf(type.name, statuses);
    const after = readPosition(query.get("after"), list);

    const rows = await store.list({
      type: type.name,
      // One more than is shown tells whether there is a next page.
      limit: limit + 1,
      ...(owner === undefined ? {} : { owner }),
      ...(statuses === undefined ? {} : { statuses }),
      ...(after === undefined ? {} : { after }),
    });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const next = last === undefined ? undefined : cursorOf({ createdAt: last.createdAt, id: last.id }, list);
    const now = clock.now();
    const items = page.map((resource) => represent(resource, now, fields).text).join(",");
    const link = next === undefined ? [] : ["Link", `<${http.path}?${nextQuery(http.query, next)}>; rel="next"`];
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...link],
      body: `{"items":[${items}]${next === undefined ? "" : `,"next":"${next}"`}}`,
    };
  };
}

/** A cursor goes on in the list that it was made for: of this type, with this filter. */
function nameOf(type: string, statuses: readonly string[] = []): string {
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
