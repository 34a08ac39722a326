import type { ResourceType } from "../../core/definition/resource-type.ts";
import { declaredLabels } from "../../core/policy.ts";
import { ownerOf } from "../../core/principal.ts";
import { authorizeCollection } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { createRenderer } from "../representation/representation.ts";
import { cursorOf, listFingerprint, nextLink, pageOf, readCursor } from "../request/cursor.ts";
import { createFieldsReader } from "../request/fields.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter, listParameter, parseQuery } from "../request/query.ts";

const PARAMETERS = ["status", "limit", "after", "fields"];
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const POSITION = { createdAt: "integer", id: "string" } as const;

/** `GET` of the collection: the resources that the principal may see in pages, newest first. */
export function listEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const render = createRenderer(type, context);
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
    const list = listFingerprint([type.name, statuses?.toSorted() ?? []]);
    const after = readCursor(query, list, POSITION);

    const rows = await store.list({
      type: type.name,
      // One more than the page shows whether a next page exists.
      limit: limit + 1,
      ...(owner === undefined ? {} : { owner }),
      ...(statuses === undefined ? {} : { statuses }),
      ...(after === undefined ? {} : { after }),
    });
    const { rows: page, last } = pageOf(rows, limit);
    const next = last === undefined ? undefined : cursorOf({ createdAt: last.createdAt, id: last.id }, list);
    const now = clock.now();
    const items = page.map((resource) => render(resource, now, fields).text).join(",");
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...nextLink(context.publicPath(http.path, http), query, next)],
      body: `{"items":[${items}]${next === undefined ? "" : `,"next":"${next}"`}}`,
    };
  };
}
