import type { ResourceType } from "../../core/definition/resource-type.ts";
import { ownerOf } from "../../core/principal.ts";
import { lengthOf, MAX_PAGE_LENGTH, type Resource } from "../../core/resource.ts";
import { authorizeCollection } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { createFilterReader, type ListFilter } from "../filters/read-filter.ts";
import { type PageRequest, selectByIds, type Selection, selectPage } from "../filters/select.ts";
import { JSON_HEADERS, JSON_TYPE, retryAfterHeader } from "../http/headers.ts";
import { createRenderer } from "../representation/representation.ts";
import { cursorOf, listFingerprint, nextLink, pageOf, readCursor } from "../request/cursor.ts";
import { createFieldsReader } from "../request/fields.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter } from "../request/query.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const POSITION = { createdAt: "integer", id: "string" } as const;

/** `GET` of the collection: the resources that the principal may see in pages, newest first. */
export function listEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  const render = createRenderer(type, context);
  const readFields = createFieldsReader(type);
  const readFilter = createFilterReader(type);
  const { options, clock } = context;
  return async (request) => {
    const { http, principal } = request;
    const [query, filter] = readFilter(http.query);
    negotiate(http.header("accept"), [JSON_TYPE]);
    const seesAllOwners = await authorizeCollection(principal, { method: http.method, type: type.name }, options);
    const fields = readFields(query);
    const limit = countParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    const page = { query, owner: seesAllOwners ? undefined : ownerOf(principal), limit };
    const isFound = filter.metadata !== undefined || filter.updatedAfter !== undefined;
    const select = isFound ? selectPage : listPage;
    const { rows, next, updatedAfter } =
      filter.ids === undefined
        ? await select(context, type, page, filter)
        : await selectByIds(context, type, request, filter);
    await context.turnQueues.refresh(rows);
    const now = clock.now();
    const shown = rows.map((resource) => render(resource, now, fields));
    const pauses = filter.ids === undefined ? [] : shown.flatMap(({ retryAfter }) => retryAfter ?? []);
    return {
      status: 200,
      headers: [
        ...JSON_HEADERS,
        ...retryAfterHeader({ retryAfter: pauses.length === 0 ? undefined : Math.min(...pauses) }),
        ...nextLink(context.publicPath(http.path, http), query, next),
      ],
      body: `{"items":[${shown.map(({ text }) => text).join(",")}]${member("next", next)}${member("updatedAfter", updatedAfter)}}`,
    };
  };
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? "" : `,"${name}":"${value}"`;
}

async function listPage(
  { store }: EndpointContext,
  { name: type }: ResourceType,
  { query, owner, limit }: PageRequest,
  { statuses, parent }: ListFilter,
): Promise<Selection> {
  const list = listFingerprint([type, statuses?.toSorted() ?? [], ...(parent === undefined ? [] : [parent])]);
  const after = readCursor(query, list, POSITION);
  const rows = await store.list({
    type,
    // One more than the page shows whether a next page exists.
    limit: limit + 1,
    ...(owner === undefined ? {} : { owner }),
    ...(statuses === undefined ? {} : { statuses }),
    ...(parent === undefined ? {} : { parent }),
    ...(after === undefined ? {} : { after }),
  });
  const { rows: shown, last } = pageOf(rows, Math.min(limit, countFitting(rows)));
  return {
    rows: shown,
    next: last === undefined ? undefined : cursorOf({ createdAt: last.createdAt, id: last.id }, list),
  };
}

/** Returns the number of rows that one page can show; at least one. */
function countFitting(rows: readonly Resource[]): number {
  let length = 0;
  const isTooLong = (row: Resource): boolean => (length += lengthOf(row)) > MAX_PAGE_LENGTH;
  const count = rows.findIndex(isTooLong);
  return count === -1 ? rows.length : Math.max(1, count);
}
