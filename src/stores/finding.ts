import { type FindPosition, type FindQuery, type FoundPage, matchesFilter } from "../core/ports/finding.ts";
import { lengthOf, MAX_PAGE_LENGTH, type Resource } from "../core/resource.ts";
import { CHANGES } from "./list-entries.ts";

/** A part of `list_entries`: one pair of one type, in the order of its entries. */
export interface EntryRange extends Pick<FindQuery, "type" | "limit"> {
  readonly name: string;
  readonly value: string;
  readonly owner: string | undefined;
  /** `ascending` from the oldest change, `descending` from the newest creation. */
  readonly order: "ascending" | "descending";
  /** The range begins after this position. */
  readonly after: FindPosition | undefined;
}

export interface FoundEntry extends FindPosition {
  readonly row: number;
}

/** The queries by which a database finds resources. */
export interface FindingReads {
  entries(range: EntryRange): readonly FoundEntry[] | Promise<readonly FoundEntry[]>;
  /** Reads the given rows, in any order. */
  rows(rows: readonly number[], text: undefined): readonly Resource[] | Promise<readonly Resource[]>;
}

/** Maximum number of resources that one page examines. */
const FIND_BATCH = 1000;

/** Number of rows read before other requests get a turn. Each may have a configuration of 256 KiB. */
const ROWS_PER_READ = 50;

/**
 * Finds resources by one pair of each query, the rarest, and compares the rows with the rest of it. A page examines a
 * limited number of rows, so it can be short and still have a next one.
 */
export function createFinding(reads: FindingReads): (query: FindQuery) => Promise<FoundPage> {
  return async (query) => {
    const { updatedAfter, metadata = {}, statuses, limit } = query;
    const pairs = updatedAfter === undefined ? Object.entries(metadata) : [CHANGES];
    const isComplete = statuses === undefined && Object.keys(metadata).length === pairs.length;
    const max = isComplete && pairs.length === 1 ? limit : FIND_BATCH;
    const entries = await rarest(reads, query, pairs, max + 1);
    const found: Resource[] = [];
    let length = 0;
    const examined = entries.slice(0, max);
    for (let from = 0; from < examined.length; from += ROWS_PER_READ) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      const part = examined.slice(from, from + ROWS_PER_READ);
      const resources = await reads.rows(
        part.map(({ row }) => row),
        undefined,
      );
      const byId = new Map(resources.map((resource) => [resource.id, resource]));
      for (const entry of part) {
        const resource = byId.get(entry.id);
        if (resource === undefined || !isFound(query, resource)) continue;
        length += lengthOf(resource);
        const isFull = found.push(resource) === limit || length > MAX_PAGE_LENGTH;
        if (isFull) return pageOf(found, entry === entries.at(-1) ? undefined : entry);
      }
    }
    return pageOf(found, entries.length > max ? examined.at(-1) : undefined);
  };
}

/** Reads the entries of each pair, and returns those of the pair that has the fewest left. */
async function rarest(
  reads: FindingReads,
  { type, owner, updatedAfter, after }: FindQuery,
  pairs: readonly (readonly [string, string])[],
  limit: number,
): Promise<readonly FoundEntry[]> {
  const isByChange = updatedAfter !== undefined;
  const range = {
    type,
    owner,
    order: isByChange ? "ascending" : "descending",
    after: after ?? (isByChange ? { at: updatedAfter + 1, id: "" } : undefined),
    limit,
  } as const;
  let fewest: readonly FoundEntry[] | undefined;
  for (const [name, value] of pairs) {
    if (fewest !== undefined) await new Promise((resolve) => setImmediate(resolve));
    const entries = await reads.entries({ ...range, name, value });
    if (fewest === undefined || isRarer(entries, fewest)) fewest = entries;
  }
  return fewest ?? [];
}

/** Compares two pairs. If both have more entries than were read, the rarer one reaches further back. */
function isRarer(a: readonly FoundEntry[], b: readonly FoundEntry[]): boolean {
  return a.length < b.length || (a.length === b.length && (a.at(-1)?.at ?? 0) < (b.at(-1)?.at ?? 0));
}

/** Compares a row with a query: it may have changed since its entry was read. */
function isFound(query: FindQuery, resource: Resource): boolean {
  const { type, owner } = query;
  const isOwn = owner === undefined || resource.owner === owner;
  return isOwn && resource.type === type && resource.deletedAt === null && matchesFilter(query, resource);
}

function pageOf(resources: readonly Resource[], next: FoundEntry | undefined): FoundPage {
  return next === undefined ? { resources } : { resources, next: { at: next.at, id: next.id } };
}
