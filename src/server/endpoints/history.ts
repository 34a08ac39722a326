import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { SequencedHistoryEntry } from "../../core/ports/store.ts";
import { requireExisting, readVisible } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { cursorOf, listFingerprint, nextLink, pageOf, readCursor } from "../request/cursor.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter, parseQuery } from "../request/query.ts";

const PARAMETERS = ["limit", "after"];
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const POSITION = { sequence: "integer" } as const;

/** `GET /{id}/history`: the history of a resource in pages, earliest entries first. */
export function historyEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  return async (request) => {
    const { http, id } = request;
    const query = parseQuery(http.query, PARAMETERS);
    negotiate(http.header("accept"), [JSON_TYPE]);
    const limit = countParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    const key = { type: type.name, id };
    const list = listFingerprint([key]);
    const after = readCursor(query, list, POSITION)?.sequence;
    requireExisting(await readVisible(context, type, request), type);

    const entries = await context.store.history({ key, limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const { rows, last } = pageOf(entries, limit);
    const next = last === undefined ? undefined : cursorOf({ sequence: last.sequence }, list);
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...nextLink(context.publicPath(http.path, http), query, next)],
      body: JSON.stringify({ items: rows.map(publicEntry), ...(next === undefined ? {} : { next }) }),
    };
  };
}

/** Returns an entry without the store's sequence, which is internal. */
function publicEntry({ at, event, operation, kind, attempt, status, step, error }: SequencedHistoryEntry): object {
  return { at: new Date(at).toISOString(), event, operation, kind, attempt, status, step, error };
}
