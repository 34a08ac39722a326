import { getHeapStatistics } from "node:v8";
import { BoundedMap } from "../../../core/bounded-map.ts";
import type { Resource, ResourceKey } from "../../../core/resource.ts";
import { RowMarks } from "./row-versions.ts";

interface Known {
  readonly row: Resource;
  readonly mark: number;
}

/** Characters of all rows that are kept, with what a row takes beside its texts: as many as fifty thousand take, where the process may be so large. */
const MOST = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32);
const ROW = 1000;

/**
 * The rows that were read last, kept as objects: whoever polls asks for the same ones again and again. Never older than the file:
 * every commit is made by this process, and a row whose mark has changed, or may be about to, is read again.
 */
export class KnownRows {
  readonly marks = new RowMarks();
  readonly #rows = new BoundedMap<Known>(MOST);

  /** The row, by what is known of it, else as `load` reads it. */
  read(key: ResourceKey, load: (key: ResourceKey) => Resource | undefined): Resource | undefined {
    const mark = this.marks.of(key);
    // By the id alone: two types that share one take turns.
    const known = this.#rows.get(key.id);
    if (known !== undefined && known.mark === mark && known.row.type === key.type) return known.row;
    const row = load(key);
    // Read after the mark: what is committed meanwhile changes it. What is left of a deleted one goes without a mark.
    if (row?.deletedAt === null && mark !== undefined) this.#rows.set(key.id, { row, mark }, weightOf(row));
    return row;
  }
}

function weightOf({ configuration, details, operation }: Resource): number {
  return ROW + configuration.length + details.length + (operation.details?.length ?? 0);
}
