import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";

/** The reason why a wait ended. `closed`: the server stops, or a limit leaves no place to wait. */
export type WaitResult =
  | { readonly end: "satisfied"; readonly resource: Resource | undefined }
  | { readonly end: "timeout" }
  | { readonly end: "client-gone" }
  | { readonly end: "closed" };

export interface Waiter {
  readonly isSatisfied: (resource: Resource | undefined) => boolean;
  readonly release: (result: WaitResult) => void;
}

type Read = (key: ResourceKey) => MaybePromise<Resource | undefined>;

/**
 * All requests waiting for one resource. A change triggers one read for the whole group; changes during that read
 * trigger one more.
 */
export class WaiterGroup {
  readonly key: ResourceKey;
  readonly waiters = new Set<Waiter>();
  #isChecking = false;
  #isDirty = false;

  constructor(key: ResourceKey) {
    this.key = key;
  }

  /** Adds a waiter, then reads: a notice announces later commits, and the read covers earlier ones. */
  async add(waiter: Waiter, read: Read): Promise<void> {
    this.waiters.add(waiter);
    const resource = await read(this.key);
    if (waiter.isSatisfied(resource)) waiter.release({ end: "satisfied", resource });
  }

  /** Reads the resource and releases the satisfied waiters. Repeats if the resource changes during the read. */
  async recheck(read: Read): Promise<void> {
    this.#isDirty = true;
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      while (this.#isDirty) {
        this.#isDirty = false;
        // A waiter added during the read may have seen a newer row than this one, and reads by itself.
        const waiters = [...this.waiters];
        const resource = await read(this.key);
        const result = { end: "satisfied", resource } as const;
        for (const { isSatisfied, release } of waiters) if (isSatisfied(resource)) release(result);
      }
    } finally {
      this.#isChecking = false;
    }
  }
}

/** A condition on the stored resource that a request waits for. */
export type WaitCondition = (resource: Resource | undefined) => boolean;

/** Satisfied when no operation is in progress, or the resource does not exist. */
export const untilSettled: WaitCondition = (resource) =>
  resource === undefined || resource.deletedAt !== null || resource.operation.settledAt !== null;

/** Satisfied when the resource does not exist or its representation differs. Compares each version once. */
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
