import type { Eventually } from "../core/eventually.ts";
import type { Resource, ResourceKey } from "../core/resource.ts";

/** Why a hold ended: what was waited for is stored, the time is up, the client has gone, or nothing more is held here. */
export type Released =
  | { readonly end: "over"; readonly resource: Resource | undefined }
  | { readonly end: "time" }
  | { readonly end: "gone" }
  | { readonly end: "closed" };

export interface Waiting {
  readonly isOver: (resource: Resource | undefined) => boolean;
  readonly release: (released: Released) => void;
}

/** All that wait for one resource: it is read once for them, however many they are and however often it changes meanwhile. */
export class HeldGroup {
  readonly key: ResourceKey;
  readonly waiting = new Set<Waiting>();
  #isLooking = false;
  #isNews = false;

  constructor(key: ResourceKey) {
    this.key = key;
  }

  /** Reads the resource and releases those for whom it is as they want it; again, if there is news while it reads. */
  async look(read: (key: ResourceKey) => Eventually<Resource | undefined>): Promise<void> {
    this.#isNews = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isNews) {
        this.#isNews = false;
        const resource = await read(this.key);
        for (const { isOver, release } of this.waiting) if (isOver(resource)) release({ end: "over", resource });
      }
    } finally {
      this.#isLooking = false;
    }
  }
}
