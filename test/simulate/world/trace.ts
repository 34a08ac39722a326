/** Number of events that are kept for the report of a failure. */
const KEPT = 20_000;

/** The events at the boundaries of the nodes: a hash of all of them, and the text of the latest. */
export class Trace {
  readonly #latest: string[] = [];
  #hash = 0x81_1c_9d_c5;
  count = 0;

  add(at: number, text: string): void {
    const line = `${at.toFixed(3)} ${text}`;
    for (let index = 0; index < line.length; index++) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(index), 0x01_00_01_93);
    }
    this.count++;
    this.#latest[this.count % KEPT] = line;
  }

  /** The hash of every event so far (FNV-1a). */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  /** The latest events, oldest first. */
  get latest(): readonly string[] {
    const next = (this.count + 1) % KEPT;
    return [...this.#latest.slice(next), ...this.#latest.slice(0, next)].filter((line) => line !== undefined);
  }
}
