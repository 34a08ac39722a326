/** How much of something all have together, and each of them. Nothing is kept for those who have none. */
export class Quota {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #ofOne = new Map<string, number>();
  #size = 0;

  constructor(most: number, mostOfOne: number) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  get size(): number {
    return this.#size;
  }

  /** False where there is none left, for all or for this one; nothing is taken then. @param name undefined where nobody is told apart */
  take(name: string | undefined): boolean {
    const ofOne = name === undefined ? 0 : (this.#ofOne.get(name) ?? 0);
    if (this.#size >= this.#most || ofOne >= this.#mostOfOne) return false;
    if (name !== undefined) this.#ofOne.set(name, ofOne + 1);
    this.#size++;
    return true;
  }

  giveBack(name: string | undefined): void {
    this.#size--;
    if (name === undefined) return;
    const left = (this.#ofOne.get(name) ?? 0) - 1;
    if (left > 0) this.#ofOne.set(name, left);
    else this.#ofOne.delete(name);
  }
}
