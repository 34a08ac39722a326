import type { ResourceKey } from "../../../core/resource.ts";

/** How many marks there are: rows share them, which costs those that do one more look into the file. */
const MARKS = 65_536;

/**
 * Tells the thread that reads which rows the thread that writes has changed: a number for each row in memory that both see. It is
 * odd from before the commit of a change until after it, and another one after each.
 */
export class RowMarks {
  readonly shared: SharedArrayBuffer;
  readonly #marks: Int32Array;
  readonly #changing: number[] = [];

  constructor(shared = new SharedArrayBuffer(MARKS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#marks = new Int32Array(shared);
  }

  /** Of the writer: the row is changed by what is committed next. */
  begin(key: ResourceKey): void {
    const place = placeOf(key);
    const mark = Atomics.load(this.#marks, place);
    if (isChanging(mark)) return;
    Atomics.store(this.#marks, place, mark + 1);
    this.#changing.push(place);
  }

  /** Of the writer: what was changed is committed, or taken back. */
  end(): void {
    for (const place of this.#changing) Atomics.add(this.#marks, place, 1);
    this.#changing.length = 0;
  }

  /** Of the reader: a number that stays the same as long as the row; undefined while nobody can say. */
  of(key: ResourceKey): number | undefined {
    const mark = Atomics.load(this.#marks, placeOf(key));
    return isChanging(mark) ? undefined : mark;
  }
}

function isChanging(mark: number): boolean {
  return (mark & 1) === 1;
}

function placeOf({ type, id }: ResourceKey): number {
  let hash = type.length;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 15)) & (MARKS - 1);
}
