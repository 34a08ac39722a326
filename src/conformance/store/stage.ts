import assert from "node:assert/strict";
import type { Store } from "../../core/ports/store.ts";
import { AT, POLICIES } from "./types.ts";

/** A place for stored state that nobody else uses, and how stores over it are made. */
export interface StorePlace {
  /** Makes a store over the place, not open yet. Called again after a close, as the next process would. */
  readonly store: () => Store;
  /** Removes what was stored. Called once every store over the place is closed. */
  readonly remove: () => Promise<void>;
}

export interface StoreConformanceOptions {
  /** Names the suite in the test report. */
  readonly name: string;
  /** Gives a place of its own to each test. */
  readonly create: () => Promise<StorePlace>;
  readonly capabilities: {
    /**
     * `one`: a single process at a time has the place open, and an opening finds the operations that the process before it held
     * lost. `many`: several stores are opened over the same place at once, and every race is run between them.
     */
    readonly processes: "one" | "many";
  };
  /** Tests that this store cannot pass yet, each with why: `{ test: "claim: hands out the oldest due first", reason: "..." }`. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

/** What one test is given. */
export interface Stage {
  /** Open, and empty but for what the test puts in. */
  readonly store: Store;
  /** All that are open over the place, `store` the first: callers of a race are spread over them. */
  readonly stores: readonly Store[];
  readonly processes: "one" | "many";
  /** Closes every store and opens the place anew. */
  readonly reopen: (at?: number) => Promise<Store>;
}

/** By what they promise. */
export type StoreTests = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** Runs a test on a place of its own, and closes whatever the test leaves open. */
export async function onStage(options: StoreConformanceOptions, test: (stage: Stage) => Promise<void>): Promise<void> {
  const { create, capabilities } = options;
  const place = await create();
  const open: Store[] = [];
  const fatal: unknown[] = [];
  const openAll = async (at: number): Promise<[Store, ...Store[]]> => {
    const first = await opened(place, at, fatal);
    open.push(first);
    if (capabilities.processes === "one") return [first];
    const second = await opened(place, at, fatal);
    open.push(second);
    return [first, second];
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  };
  try {
    const stores = await openAll(AT);
    const reopen = async (at = AT): Promise<Store> => {
      await closeAll();
      const [store] = await openAll(at);
      return store;
    };
    await test({ store: stores[0], stores, processes: capabilities.processes, reopen });
    assert.deepEqual(fatal, [], "the store reported a fatal error");
  } finally {
    await closeAll();
    await place.remove();
  }
}

async function opened(place: StorePlace, at: number, fatal: unknown[]): Promise<Store> {
  const store = place.store();
  await store.open({ policies: POLICIES, at, onFatal: (error) => fatal.push(error) });
  return store;
}
