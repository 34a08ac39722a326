import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";

/** Why a hold ended: what was waited for is stored, the time is up, the client has gone, or nothing more is held here. */
export type WaitResult =
  | { readonly end: "satisfied"; readonly resource: Resource | undefined }
  | { readonly end: "timeout" }
  | { readonly end: "client-gone" }
  | { readonly end: "closed" };

export interface Waiter {
  readonly isSatisfied: (resource: Resource | undefined) => boolean;
  readonly release: (released: WaitResult) => void;
}

type Read = (key: ResourceKey) => MaybePromise<Resource | undefined>;

/** All that wait for one resource: of news it is read once for them, however many they are and however often it changes meanwhile. */
export class WaiterGroup {
  readonly key: ResourceKey;
  readonly waiters = new Set<Waiter>();
  #isChecking = false;
  #isDirty = false;

  constructor(key: ResourceKey) {
    this.key = key;
  }

  /** Looks for one that has just come: what is committed from now on is announced to it, what was before is read. */
  async add(waiting: Waiter, read: Read): Promise<void> {
    this.waiters.add(waiting);
    const resource = await read(this.key);
    if (waiting.isSatisfied(resource)) waiting.release({ end: "satisfied", resource });
  }

  /** Reads the resource and releases those for whom it is as they want it; again, if there is news while it reads. */
  async recheck(read: Read): Promise<void> {
    this.#isDirty = true;
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      while (this.#isDirty) {
        this.#isDirty = false;
        // Whoever comes from here on may have seen a newer row than this one, and looks by itself.
        const waiting = [...this.waiters];
        const resource = await read(this.key);
        const result = { end: "satisfied", resource } as const;
        for (const { isSatisfied: isOver, release } of waiting) if (isOver(resource)) release(result);
      }
    } finally {
      this.#isChecking = false;
    }
  }
}

/** What a request is held for, given what is stored. */
export type WaitCondition = (resource: Resource | undefined) => boolean;

/** Until no operation is in progress, or the resource is gone. */
export const untilSettled: WaitCondition = (resource) =>
  resource === undefined || resource.deletedAt !== null || resource.operation.settledAt !== null;

/** Until the resource is gone or shows something else. Only a new version is compared. */
export function untilChanged(isSame: (resource: Resource) => boolean): WaitCondition {
  let creation: string | undefined;
  let version: number | undefined;
  return (resource) => {
    if (resource === undefined || resource.deletedAt !== null) return true;
    if (resource.version === version && resource.creation === creation) return false;
    ({ creation, version } = resource);
    return !isSame(resource);
  };
}
