import type { ResourceKey } from "../../../core/resource.ts";

/** Number of versions. Rows share them by hash; a row that shares one is read from the file more often. */
const VERSION_COUNT = 65_536;

/**
 * A seqlock per row, in memory shared by the thread that writes and the thread that reads. A version is odd from before
 * the commit of a change until after it, and differs after each change.
 */
export class RowVersions {
  readonly shared: SharedArrayBuffer;
  readonly #versions: Int32Array;
  readonly #changing: number[] = [];

  constructor(shared = new SharedArrayBuffer(VERSION_COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#versions = new Int32Array(shared);
  }

  /** Called by the writer before the commit that changes the row. */
  beginChange(key: ResourceKey): void {
    this.#begin(indexOf(key));
  }

  /** Called by the writer before a commit that may change any row. */
  beginChangeOfAll(): void {
    for (let index = 0; index < VERSION_COUNT; index++) this.#begin(index);
  }

  /** Called by the writer after the commit or rollback. */
  endChanges(): void {
    for (const index of this.#changing) Atomics.add(this.#versions, index, 1);
    this.#changing.length = 0;
  }

  /**
   * Called by the reader. Returns a number that stays the same as long as the row does; undefined while the row is
   * changing.
   */
  versionOf(key: ResourceKey): number | undefined {
    const version = Atomics.load(this.#versions, indexOf(key));
    return isChanging(version) ? undefined : version;
  }

  #begin(index: number): void {
    const version = Atomics.load(this.#versions, index);
    if (isChanging(version)) return;
    Atomics.store(this.#versions, index, version + 1);
    this.#changing.push(index);
  }
}

function isChanging(version: number): boolean {
  return (version & 1) === 1;
}

function indexOf({ type, id }: ResourceKey): number {
  let hash = type.length;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 15)) & (VERSION_COUNT - 1);
}
