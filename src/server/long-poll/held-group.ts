import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { Eventually } from "../../core/scheduling/promises.ts";

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

type Read = (key: ResourceKey) => Eventually<Resource | undefined>;

/** All that wait for one resource: of news it is read once for them, however many they are and however often it changes meanwhile. */
export class HeldGroup {
  readonly key: ResourceKey;
  readonly waiting = new Set<Waiting>();
  #isLooking = false;
  #isNews = false;

  constructor(key: ResourceKey) {
    this.key = key;
  }

  /** Looks for one that has just come: what is committed from now on is announced to it, what was before is read. */
  async add(waiting: Waiting, read: Read): Promise<void> {
    this.waiting.add(waiting);
    const resource = await read(this.key);
    if (waiting.isOver(resource)) waiting.release({ end: "over", resource });
  }

  /** Reads the resource and releases those for whom it is as they want it; again, if there is news while it reads. */
  async look(read: Read): Promise<void> {
    this.#isNews = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isNews) {
        this.#isNews = false;
        // Whoever comes from here on may have seen a newer row than this one, and looks by itself.
        const waiting = [...this.waiting];
        const resource = await read(this.key);
        const over = { end: "over", resource } as const;
        for (const { isOver, release } of waiting) if (isOver(resource)) release(over);
      }
    } finally {
      this.#isLooking = false;
    }
  }
}

/** What a request is held for, given what is stored. */
export type IsOver = (resource: Resource | undefined) => boolean;

/** Until no operation is in progress, or the resource is gone. */
export const untilSettled: IsOver = (resource) =>
  resource === undefined || resource.deletedAt !== null || resource.operation.settledAt !== null;

/** Until the resource is gone or shows something else. Only a new version is compared. */
export function untilChanged(isSame: (resource: Resource) => boolean): IsOver {
  let creation: string | undefined;
  let version: number | undefined;
  return (resource) => {
    if (resource === undefined || resource.deletedAt !== null) return true;
    if (resource.version === version && resource.creation === creation) return false;
    ({ creation, version } = resource);
    return !isSame(resource);
  };
}
