import type { SearchPage, SearchPosition } from "../../core/ports/reporting.ts";
import type { Resource } from "../../core/resource.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS, JSON_TYPE } from "../http/headers.ts";
import { cursorOf, listFingerprint, readCursor } from "../request/cursor.ts";
import { negotiate } from "../request/negotiate.ts";
import { countParameter, listParameter, parseQuery, textParameter } from "../request/query.ts";
import type { SummaryPage } from "./shapes.ts";
import { summaryOf } from "./summary.ts";
import { type VisibleScope, requireReporting, searchScopes, type VisibleTypes } from "./visible-resources.ts";

const PARAMETERS = ["type", "status", "text", "limit", "after"];
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const POSITION = { createdAt: "integer", id: "string", type: "string" } as const;
/** Number of resources that one page scans if the text is compared with the representations instead of the stored rows. */
const SCAN_LIMIT = 500;

/** Lists resources of all types in pages, newest first. With a text filter a page may be empty although there is a next one. */
export function resourcesEndpoint(context: EndpointContext, visibleTypes: VisibleTypes): Endpoint {
  return async (request) => {
    const query = parseQuery(request.http.query, PARAMETERS);
    negotiate(request.http.header("accept"), [JSON_TYPE]);
    const scope = await visibleTypes.scopeOf(request, query);
    const reporting = requireReporting(context);
    const types = [...scope.allOwners, ...scope.ownOnly];
    const statuses = listParameter(query, "status", new Set(types.flatMap(({ labels }) => [...labels])));
    const text = textParameter(query, "text");
    const scopes = searchScopes(scope);
    const list = listFingerprint([scopes, statuses?.toSorted() ?? null, text ?? null]);
    const after = readCursor(query, list, POSITION);

    const limit = countParameter(query, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    // The store searches stored text. Its hits would reveal a redacted field letter by letter.
    const isStoredShown = text === undefined || types.every(({ type }) => type.policy.redact.length === 0);
    const found = await reporting.search({
      scopes,
      limit: isStoredShown ? limit : SCAN_LIMIT,
      ...(statuses === undefined ? {} : { statuses }),
      ...(text === undefined || !isStoredShown ? {} : { text: JSON.stringify(text).slice(1, -1) }),
      ...(after === undefined ? {} : { after }),
    });
    const page = truncatePage(await visibleMatches(request, found, text), found.next, limit);
    const { resources } = page;
    const items = resources.flatMap((resource) => {
      const type = visibleTypes.byName.get(resource.type);
      return type === undefined ? [] : [summaryOf(context, type, resource, isOwnerShown(scope))];
    });
    const next =
      page.next === undefined ? {} : { next: cursorOf(page.next, list), searchedBackTo: page.next.createdAt };
    const view: SummaryPage = { items, ...next };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };

  async function visibleMatches(
    request: EndpointRequest,
    page: SearchPage,
    text: string | undefined,
  ): Promise<readonly Resource[]> {
    const kept = await Promise.all(
      page.resources.map(async (resource) =>
        (await visibleTypes.isVisible(request, resource)) && matchesShown(resource, text) ? [resource] : [],
      ),
    );
    return kept.flat();
  }

  /** Rejects hits in stored text that the representation does not show. */
  function matchesShown(resource: Resource, text: string | undefined): boolean {
    if (text === undefined) return true;
    const render = visibleTypes.byName.get(resource.type)?.render;
    const representation = render?.(resource, context.clock.now()).text ?? "";
    return representation.toLowerCase().includes(JSON.stringify(text).slice(1, -1).toLowerCase());
  }
}

/** Limits a page to `limit` resources. The next page continues after the last of them. */
function truncatePage(resources: readonly Resource[], next: SearchPosition | undefined, limit: number): SearchPage {
  const last = resources[limit - 1];
  if (resources.length <= limit || last === undefined) return { resources, ...(next === undefined ? {} : { next }) };
  const { createdAt, id, type } = last;
  return { resources: resources.slice(0, limit), next: { createdAt, id, type } };
}

/** True if resources of several owners are shown. */
export function isOwnerShown({ owner, allOwners }: VisibleScope): boolean {
  return owner !== undefined && allOwners.length > 0;
}
