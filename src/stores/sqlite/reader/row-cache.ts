import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../../core/bounded-map.ts";
import type { Resource, ResourceKey } from "../../../core/resource.ts";
import { RowVersions } from "./row-versions.ts";

interface CachedRow {
  readonly row: Resource;
  readonly version: number;
}

/** Characters of all rows that are kept, with what a row takes beside its texts: as many as fifty thousand take, where the process may be so large. */
const MAX_CHARACTERS = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
const ROW_OVERHEAD = 1000;

/**
 * The rows that were read last, kept as objects: whoever polls asks for the same ones again and again. Never older than the file:
 * every commit is made by this process, and a row whose mark has changed, or may be about to, is read again.
 */
export class RowCache {
  readonly versions = new RowVersions();
  readonly #rows = new BoundedMap<CachedRow>(MAX_CHARACTERS);

  /** The row, by what is known of it, else as `load` reads it. */
  read(key: ResourceKey, load: (key: ResourceKey) => Resource | undefined): Resource | undefined {
    const mark = this.versions.versionOf(key);
    // By the id alone: two types that share one take turns.
    const cached = this.#rows.get(key.id);
    if (cached !== undefined && cached.version === mark && cached.row.type === key.type) return cached.row;
    const row = load(key);
    // Read after the mark: what is committed meanwhile changes it. What is left of a deleted one goes without a mark.
    if (row?.deletedAt === null && mark !== undefined) this.#rows.set(key.id, { row, version: mark }, weightOf(row));
    return row;
  }
}

function weightOf({ configuration, details, operation }: Resource): number {
  return ROW_OVERHEAD + configuration.length + details.length + (operation.details?.length ?? 0);
}
