import { createHash } from "node:crypto";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { SequencedHistoryEntry } from "../../core/ports/store.ts";
import { requireExisting, readVisible } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { cursorOf, invalidCursor, readCursor } from "../request/cursor.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter, parseQuery } from "../request/query.ts";

const PARAMETERS = ["limit", "after"];
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** `GET /{id}/history`: the history of a resource in pages, earliest entries first. */
export function historyEndpoint(context: EndpointContext, type: ResourceType): Endpoint {
  return async (request) => {
    const { http, id } = request;
    const query = parseQuery(http.query, PARAMETERS);
    negotiate(http.header("accept"), [JSON_TYPE]);
    const limit = countParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    const key = { type: type.name, id };
    const list = createHash("sha256").update(JSON.stringify(key)).digest("base64url").slice(0, 12);
    const after = readSequence(query.get("after"), list);
    requireExisting(await readVisible(context, type, request), type);

    const entries = await context.store.history({ key, limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const page = entries.slice(0, limit);
    const last = entries.length > limit ? page.at(-1) : undefined;
    const next = last === undefined ? undefined : cursorOf({ sequence: last.sequence }, list);
    const link =
      next === undefined
        ? []
        : ["Link", `<${context.publicPath(http.path, http)}?limit=${limit}&after=${next}>; rel="next"`];
    return {
      status: 200,
      headers: [...JSON_HEADERS, ...link],
      body: JSON.stringify({ items: page.map(publicEntry), ...(next === undefined ? {} : { next }) }),
    };
  };
}

/** Returns an entry without the store's sequence, which is internal. */
function publicEntry({ at, event, operation, kind, attempt, status, step, error }: SequencedHistoryEntry): object {
  return { at: new Date(at).toISOString(), event, operation, kind, attempt, status, step, error };
}

/** @throws Refusal `invalid-cursor` */
function readSequence(cursor: string | undefined, list: string): number | undefined {
  const sequence = readCursor(cursor, list)?.["sequence"];
  if (cursor === undefined) return undefined;
  if (typeof sequence === "number" && Number.isSafeInteger(sequence)) return sequence;
  throw invalidCursor("is not one that this server made");
}
