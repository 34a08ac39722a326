import { createHash } from "node:crypto";
import type { SearchPage, SearchPosition } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import { JSON_HEADERS } from "../http/headers.ts";
import { cursorOf, invalidCursor, readCursor } from "../request/cursor.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { countParameter, listParameter, parseQuery } from "../request/query.ts";
import type { SummaryPage } from "./shapes.ts";
import { summaryOf } from "./summary.ts";
import { type Scope, scopesOf, type ShownTypes, textParameter } from "./visible-resources.ts";

const PARAMETERS = ["type", "status", "text", "limit", "after"];
const LIMIT = 50;
const MOST = 100;
/** How many resources one page looks at, where a text is looked for in what is shown of them and not in what is stored. */
const LOOKED_THROUGH = 500;

/** Resources of all types, the newest first, page by page. Where a text is looked for, a page may be empty and have a next one. */
export function resourcesEndpoint(serving: EndpointContext, shown: ShownTypes): Endpoint {
  const { store } = serving;
  return async (call) => {
    const query = parseQuery(call.request.query, PARAMETERS);
    negotiate(call.request.header("accept"), [JSON_TYPE]);
    const scope = await shown.scopeOf(call, query);
    const types = [...scope.everybodys, ...scope.own];
    const statuses = listParameter(query, "status", new Set(types.flatMap(({ labels }) => [...labels])));
    const text = textParameter(query, "text");
    const scopes = scopesOf(scope);
    const list = nameOf([scopes, statuses?.toSorted() ?? null, text ?? null]);
    const after = readPosition(query.get("after"), list);

    const limit = countParameter(query, "limit", LIMIT, MOST);
    // The store looks in what is stored. Whether it has found something would tell a redacted field letter by letter.
    const isStoredShown = text === undefined || types.every(({ type }) => type.policy.redact.length === 0);
    const found = await store.search({
      scopes,
      limit: isStoredShown ? limit : LOOKED_THROUGH,
      ...(statuses === undefined ? {} : { statuses }),
      ...(text === undefined || !isStoredShown ? {} : { text: JSON.stringify(text).slice(1, -1) }),
      ...(after === undefined ? {} : { after }),
    });
    const page = cut(await visible(call, found, text), found.next, limit);
    const { resources } = page;
    const items = resources.flatMap((resource) => {
      const type = shown.byName.get(resource.type);
      return type === undefined ? [] : [summaryOf(serving, type, resource, isOwnerShown(scope))];
    });
    const next = page.next === undefined ? {} : { next: cursorOf(page.next, list), lookedBackTo: page.next.createdAt };
    const view: SummaryPage = { items, ...next };
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(view) };
  };

  async function visible(
    call: EndpointRequest,
    page: SearchPage,
    text: string | undefined,
  ): Promise<readonly Resource[]> {
    const kept = await Promise.all(
      page.resources.map(async (resource) =>
        (await shown.isShown(call, resource)) && shows(resource, text) ? [resource] : [],
      ),
    );
    return kept.flat();
  }

  /** The store looks in all that is stored: what is not shown must not be found either. */
  function shows(resource: Resource, text: string | undefined): boolean {
    if (text === undefined) return true;
    const represent = shown.byName.get(resource.type)?.represent;
    const whole = represent?.(resource, serving.clock.now()).text ?? "";
    return whole.toLowerCase().includes(JSON.stringify(text).slice(1, -1).toLowerCase());
  }
}

/** The first of what was found; the next page goes on after them. */
function cut(resources: readonly Resource[], next: SearchPosition | undefined, limit: number): SearchPage {
  const last = resources[limit - 1];
  if (resources.length <= limit || last === undefined) return { resources, ...(next === undefined ? {} : { next }) };
  const { createdAt, id, type } = last;
  return { resources: resources.slice(0, limit), next: { createdAt, id, type } };
}

/** Where everybody's resources are shown, and they are told apart. */
export function isOwnerShown({ owner, everybodys }: Scope): boolean {
  return owner !== undefined && everybodys.length > 0;
}

/** A cursor goes on in the list that it was made for. */
function nameOf(filter: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 12);
}

/** @throws Refusal `invalid-cursor` */
function readPosition(cursor: string | undefined, list: string): SearchPosition | undefined {
  const position = readCursor(cursor, list);
  if (position === undefined) return undefined;
  const { createdAt, id, type } = position;
  if (
    Number.isSafeInteger(createdAt) &&
    typeof createdAt === "number" &&
    typeof id === "string" &&
    typeof type === "string"
  ) {
    return { createdAt, id, type };
  }
  throw invalidCursor("is not one that this server made");
}
