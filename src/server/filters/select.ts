import type { ResourceType } from "../../core/definition/resource-type.ts";
import { matchesFilter } from "../../core/ports/finding.ts";
import type { Resource } from "../../core/resource.ts";
import { existing, readVisible } from "../access/visibility.ts";
import type { EndpointContext, EndpointRequest } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { cursorOf, listFingerprint, readCursor } from "../request/cursor.ts";
import type { Query } from "../request/query.ts";
import type { ListFilter } from "./read-filter.ts";

/** A page of selected resources. */
export interface Selection {
  readonly rows: readonly Resource[];
  /** Cursor of the next page; undefined on the last page. */
  readonly next?: string | undefined;
  /** On the last page of a list by change: the `updatedAfter` of the next poll. */
  readonly updatedAfter?: string | undefined;
}

/** Reads the resources with the given ids that the principal may see, in the order of the ids. */
export async function selectByIds(
  context: EndpointContext,
  type: ResourceType,
  request: EndpointRequest,
  { ids = [], ...filter }: ListFilter,
): Promise<Selection> {
  const found = await Promise.all(ids.map(async (id) => visible(context, type, { ...request, id })));
  return { rows: found.flatMap((row) => (row !== undefined && matchesFilter(filter, row) ? [row] : [])) };
}

async function visible(
  context: EndpointContext,
  type: ResourceType,
  request: EndpointRequest,
): Promise<Resource | undefined> {
  try {
    return existing(await readVisible(context, type, request));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * Time before the first page of a poll from which changes may be stored after it: clocks of servers differ, and a change
 * has its instant before its commit. The next poll begins so much earlier.
 */
const OVERLAP_MS = 60_000;

const POSITION = { at: "integer", id: "string", since: "integer" } as const;

/** The parameters of a page. */
export interface PageRequest {
  readonly query: Query;
  readonly owner: string | undefined;
  readonly limit: number;
}

/** Reads a page by metadata, or by the instant of the change. @throws Refusal `not-offered-by-store` */
export async function selectPage(
  { store, clock }: EndpointContext,
  { name: type }: ResourceType,
  { query, owner, limit }: PageRequest,
  { statuses, metadata, updatedAfter }: ListFilter,
): Promise<Selection> {
  if (store.find === undefined) {
    const problem = `The store ${JSON.stringify(store.name)} has no optional part "find"`;
    throw new Refusal("not-offered-by-store", `${problem}, so lists have no filter by metadata or updatedAfter.`);
  }
  const pairs = Object.entries(metadata ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const list = listFingerprint(["find", type, statuses?.toSorted() ?? null, pairs, updatedAfter ?? null]);
  const after = readCursor(query, list, POSITION);
  const since = after?.since ?? clock.now();
  const found = await store.find({
    type,
    limit,
    statuses,
    metadata,
    updatedAfter,
    ...(owner === undefined ? {} : { owner }),
    ...(after === undefined ? {} : { after: { at: after.at, id: after.id } }),
  });
  if (found.next !== undefined) return { rows: found.resources, next: cursorOf({ ...found.next, since }, list) };
  if (updatedAfter === undefined) return { rows: found.resources };
  const until = Math.max(updatedAfter, since - OVERLAP_MS);
  return { rows: found.resources, updatedAfter: new Date(until).toISOString() };
}
