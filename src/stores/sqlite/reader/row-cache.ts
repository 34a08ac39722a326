import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../../core/bounded-map.ts";
import type { Resource, ResourceKey } from "../../../core/resource.ts";
import { RowVersions } from "./row-versions.ts";

interface CachedRow {
  readonly row: Resource;
  readonly version: number;
}

/** Maximum number of characters of all cached rows: enough for fifty thousand rows, if the heap is large enough. */
const MAX_CHARACTERS = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
/** Characters that a row counts in addition to its texts. */
const ROW_OVERHEAD = 1000;

/**
 * Caches the rows that were read last, as polling clients read the same ones again and again. A cached row is never
 * older than the file: every commit is made by this process, and a row whose version has changed, or is changing, is
 * read again.
 */
export class RowCache {
  readonly versions = new RowVersions();
  readonly #rows = new BoundedMap<CachedRow>(MAX_CHARACTERS);

  /** Returns the cached row if its version is current, else the one that `load` reads. */
  read(key: ResourceKey, load: (key: ResourceKey) => Resource | undefined): Resource | undefined {
    const version = this.versions.versionOf(key);
    // Keyed by the id alone: two types with the same id replace each other.
    const cached = this.#rows.get(key.id);
    if (cached !== undefined && cached.version === version && cached.row.type === key.type) return cached.row;
    const row = load(key);
    // The row is read after the version, so a commit in between changes the version. Tombstones are purged without a
    // new version.
    if (row?.deletedAt === null && version !== undefined) this.#rows.set(key.id, { row, version }, weightOf(row));
    return row;
  }
}

function weightOf({ configuration, details, metadata, operation }: Resource): number {
  const optional = (operation.details?.length ?? 0) + (metadata?.length ?? 0);
  return ROW_OVERHEAD + configuration.length + details.length + optional;
}
