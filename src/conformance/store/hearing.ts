import assert from "node:assert/strict";
import type { News, StoreSharing } from "../../core/ports/change-feed.ts";
import type { Notice } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";

export function sharingOf({ sharing }: Store): StoreSharing {
  return sharing ?? assert.fail("a store of many processes shares news and beats");
}

/** What one process hears of the others. */
export class Hearing {
  readonly #heard: News[] = [];
  #gaps = 0;
  #next = Promise.withResolvers<void>();
  readonly stop: () => void;

  constructor(store: Store) {
    this.stop = sharingOf(store).subscribe({
      onNews: (news) => {
        this.#heard.push(news);
        this.#wake();
      },
      onGap: () => {
        this.#gaps++;
        this.#wake();
      },
    });
  }

  get notices(): readonly Notice[] {
    return this.#heard.flatMap(({ notices }) => notices);
  }

  get ids(): readonly string[] {
    return this.notices.map(({ id }) => id);
  }

  get wakes(): readonly string[] {
    return this.#heard.flatMap(({ wakes }) => wakes);
  }

  /** Resolves once it listens: from then on nothing is missed silently. */
  async listening(): Promise<void> {
    await this.until(() => this.#gaps > 0);
  }

  /** Resolves at the next gap. */
  async gap(): Promise<void> {
    const known = this.#gaps;
    await this.until(() => this.#gaps > known);
  }

  /** Resolves once what was heard is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#next.promise;
  }

  #wake(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
