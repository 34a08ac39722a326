import type { ResourceKey } from "../../../core/resource.ts";

/** How many marks there are: rows share them, which costs those that do one more look into the file. */
const VERSION_COUNT = 65_536;

/**
 * Tells the thread that reads which rows the thread that writes has changed: a number for each row in memory that both see. It is
 * odd from before the commit of a change until after it, and another one after each.
 */
export class RowVersions {
  readonly shared: SharedArrayBuffer;
  readonly #versions: Int32Array;
  readonly #changing: number[] = [];

  constructor(shared = new SharedArrayBuffer(VERSION_COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#versions = new Int32Array(shared);
  }

  /** Of the writer: the row is changed by what is committed next. */
  beginChange(key: ResourceKey): void {
    const place = indexOf(key);
    const mark = Atomics.load(this.#versions, place);
    if (isChanging(mark)) return;
    Atomics.store(this.#versions, place, mark + 1);
    this.#changing.push(place);
  }

  /** Of the writer: what was changed is committed, or taken back. */
  endChanges(): void {
    for (const place of this.#changing) Atomics.add(this.#versions, place, 1);
    this.#changing.length = 0;
  }

  /** Of the reader: a number that stays the same as long as the row; undefined while nobody can say. */
  versionOf(key: ResourceKey): number | undefined {
    const mark = Atomics.load(this.#versions, indexOf(key));
    return isChanging(mark) ? undefined : mark;
  }
}

function isChanging(mark: number): boolean {
  return (mark & 1) === 1;
}

function indexOf({ type, id }: ResourceKey): number {
  let hash = type.length;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 15)) & (VERSION_COUNT - 1);
}
