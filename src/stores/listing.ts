import { type SearchPage, type SearchPosition, SEARCH_BATCH, type StoreReporting } from "../core/ports/reporting.ts";
import type { ListPosition, Store } from "../core/ports/store.ts";
import { type Resource, resourceKeyText } from "../core/resource.ts";

/** A part of an index in list order: the resources of a type, or those with one status label. */
export interface Branch {
  readonly type: string;
  readonly status?: string;
}

/** A range of a branch, for the resources of one owner or of all owners. */
export interface ListRange {
  readonly owner: string | undefined;
  /** Only children of this resource, as {@link resourceKeyText}. */
  readonly parent?: string;
  /** The range begins after this position. */
  readonly after: ListPosition | undefined;
  readonly limit: number;
}

export interface ListedKey extends SearchPosition {
  readonly row: number;
}

/** The queries by which a database reads lists. */
export interface ListingReads {
  /** Reads whole rows of a single branch. */
  page(branch: Branch, range: ListRange): readonly Resource[] | Promise<readonly Resource[]>;
  /** Reads the positions of the next resources of each branch, including one exactly at `after`. */
  keys(branches: readonly Branch[], range: ListRange): readonly ListedKey[][] | Promise<readonly ListedKey[][]>;
  /** Reads the given rows, in any order; with a text, only those that contain it. */
  rows(rows: readonly number[], text: string | undefined): readonly Resource[] | Promise<readonly Resource[]>;
}

/** Number of rows searched for a text before other requests get a turn. Each may have a configuration of 256 KiB. */
const ROWS_PER_READ = 50;

/** Branches to read for one owner, or for all owners. */
interface Group {
  readonly owner: string | undefined;
  readonly parent?: string;
  readonly branches: readonly Branch[];
}

/** Lists and searches by merging branches, each of which is read in index order. */
export function createListing(reads: ListingReads): Pick<Store, "list"> & Pick<StoreReporting, "search"> {
  return {
    async list({ type, owner, parent: key, statuses, after, limit }) {
      const branches = branchesOf([type], statuses);
      const [only] = branches;
      if (only === undefined) return [];
      const parent = key === undefined ? {} : { parent: resourceKeyText(key) };
      if (branches.length === 1) return reads.page(only, { owner, ...parent, after, limit });
      const position = after === undefined ? undefined : { ...after, type };
      const groups = [{ owner, ...parent, branches }];
      const keys = mergeKeys(await readKeys(reads, groups, after, limit + 1), position).slice(0, limit);
      return inKeyOrder(keys, await readRows(reads, keys));
    },
    async search({ scopes, statuses, text, after, limit }) {
      const groups = scopes
        .map(({ types, owner }): Group => ({ owner, branches: branchesOf(types, statuses) }))
        .filter(({ branches }) => branches.length > 0);
      if (groups.length === 0) return { resources: [] };
      if (text !== undefined) return searchText(reads, groups, { text, after, limit });
      // The key beyond the limit shows that there is a next page.
      const keys = mergeKeys(await readKeys(reads, groups, after, limit + 2), after);
      const shown = keys.slice(0, limit);
      return pageOf(inKeyOrder(shown, await readRows(reads, shown)), keys.length > limit ? shown.at(-1) : undefined);
    },
  };
}

/**
 * Branches read at once. Many types times many labels must not occupy the event loop of a store that reads in this
 * process.
 */
const BRANCHES_PER_READ = 100;

interface TextSearch {
  readonly text: string;
  readonly after: SearchPosition | undefined;
  readonly limit: number;
}

async function searchText(
  reads: ListingReads,
  groups: readonly Group[],
  { text, after, limit }: TextSearch,
): Promise<SearchPage> {
  const each = Math.ceil(SEARCH_BATCH / groups.reduce((sum, { branches }) => sum + branches.length, 0));
  const found = await readKeys(reads, groups, after, each + 1);
  const keys = completeUpTo(found, each + 1, mergeKeys(found, after));
  const isEnd = found.every((branch) => branch.length <= each);
  const resources: Resource[] = [];
  for (let from = 0; from < keys.length; from += ROWS_PER_READ) {
    const part = keys.slice(from, from + ROWS_PER_READ);
    resources.push(...inKeyOrder(part, await readRows(reads, part, text)));
    if (resources.length >= limit) return pageOf(resources.slice(0, limit), positionOf(resources[limit - 1]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return pageOf(resources, isEnd ? undefined : keys.at(-1));
}

/** Reads the positions of the next resources of every branch. */
async function readKeys(
  reads: ListingReads,
  groups: readonly Group[],
  after: SearchPosition | ListPosition | undefined,
  limit: number,
): Promise<readonly ListedKey[][]> {
  const found = await Promise.all(
    groups.map(async ({ branches, ...group }) => {
      const keys: ListedKey[][] = [];
      for (let from = 0; from < branches.length; from += BRANCHES_PER_READ) {
        if (from > 0) await new Promise((resolve) => setImmediate(resolve));
        keys.push(...(await reads.keys(branches.slice(from, from + BRANCHES_PER_READ), { ...group, after, limit })));
      }
      return keys;
    }),
  );
  return found.flat();
}

/**
 * Keeps the merged keys down to the last key of the first branch that was cut off at `full`. Below it, keys of that
 * branch would be missing.
 */
function completeUpTo(found: readonly ListedKey[][], full: number, keys: readonly ListedKey[]): readonly ListedKey[] {
  const ends = found.flatMap((branch) => (branch.length < full ? [] : (branch.at(-1) ?? [])));
  const [first] = ends.toSorted(compareKeys);
  return first === undefined ? keys : keys.filter((key) => compareKeys(key, first) <= 0);
}

async function readRows(reads: ListingReads, keys: readonly ListedKey[], text?: string): Promise<readonly Resource[]> {
  if (keys.length === 0) return [];
  return reads.rows(
    keys.map(({ row }) => row),
    text,
  );
}

function branchesOf(types: readonly string[], statuses: readonly string[] | undefined): readonly Branch[] {
  const names = [...new Set(types)];
  if (statuses === undefined) return names.map((type) => ({ type }));
  const labels = [...new Set(statuses)];
  return names.flatMap((type) => labels.map((status) => ({ type, status })));
}

/** Merges keys into list order, starting after the position. */
function mergeKeys(found: readonly ListedKey[][], after: SearchPosition | undefined): readonly ListedKey[] {
  const keys = found.flat().toSorted(compareKeys);
  return after === undefined ? keys : keys.filter((key) => compareKeys(key, after) > 0);
}

/**
 * Orders resources as their keys are ordered. Rows may change after their keys were read: resources deleted since are
 * left out, and those whose label changed are kept.
 */
function inKeyOrder(keys: readonly ListedKey[], resources: readonly Resource[]): readonly Resource[] {
  const byName = new Map(resources.map((resource) => [resourceKeyText(resource), resource]));
  return keys.flatMap((key) => {
    const resource = byName.get(resourceKeyText(key));
    return resource?.deletedAt === null ? [resource] : [];
  });
}

function pageOf(resources: readonly Resource[], next: SearchPosition | undefined): SearchPage {
  return next === undefined ? { resources } : { resources, next: positionOf(next) };
}

function positionOf(position: SearchPosition): SearchPosition;
function positionOf(position: SearchPosition | undefined): SearchPosition | undefined;
function positionOf(position: SearchPosition | undefined): SearchPosition | undefined {
  if (position === undefined) return undefined;
  const { createdAt, id, type } = position;
  return { createdAt, id, type };
}

/** Orders the newest first, and texts by their bytes as the databases do. */
export function compareKeys(a: SearchPosition, b: SearchPosition): number {
  return b.createdAt - a.createdAt || compareText(b.id, a.id) || compareText(b.type, a.type);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
