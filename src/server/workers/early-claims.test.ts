import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { temporaryFolder } from "../../../test/support/afoot-process.ts";
import { localBroker } from "../../brokers/local/index.ts";
import { create } from "../../conformance/store/fixture/changes.ts";
import { POLICIES } from "../../conformance/store/fixture/types.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { sqliteStore } from "../../stores/sqlite/index.ts";
import { createTelemetry } from "../../telemetry/telemetry.ts";
import { createCommit } from "../storage/commit.ts";
import { createOperationTelemetry } from "../telemetry/operation-telemetry.ts";
import { createEarlyClaims } from "./early-claims.ts";

interface Fixture extends AsyncDisposable {
  readonly accept: (id: string, turn?: string) => Promise<string | undefined>;
  /** Calls of the worker, in order. */
  readonly events: string[];
  readonly free: { slots: number };
  /** Replaces the writing of the store. */
  apply: Store["apply"] | undefined;
  readonly store: Store;
  readonly ended: () => Promise<void>;
}

async function open(): Promise<Fixture> {
  const folder = await temporaryFolder();
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await store.open({ policies: POLICIES, at: 0, onFatal: (error) => assert.fail(String(error)) });
  const broker = localBroker();
  await broker.open();
  const events: string[] = [];
  const free = { slots: 1 };
  let next = Promise.withResolvers<void>();
  const note = (event: string): void => {
    events.push(event);
    next.resolve();
    next = Promise.withResolvers();
  };
  broker.onReserve?.(() => {
    if (free.slots === 0) return undefined;
    free.slots--;
    return {
      claim: { worker: "w", claim: 1, kinds: ["create"], free: free.slots },
      signal: new AbortController().signal,
      start: ({ id, attempt }) => note(`start ${id} ${attempt}`),
      release: () => note("release"),
    };
  });
  const telemetry = createTelemetry();
  const parts = { store, broker, clock: systemClock, log: silentLog };
  const fixture: Fixture = {
    async accept(id, turn) {
      const [result] = await commit([create(id, turn === undefined ? {} : { operation: { turn } })]);
      return result?.resource?.operation.state;
    },
    events,
    free,
    apply: undefined,
    store,
    ended: () => next.promise,
    async [Symbol.asyncDispose]() {
      await broker.close();
      await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
  const commit = createCommit({
    ...parts,
    store: { apply: (changes) => fixture.apply?.(changes) ?? store.apply(changes) },
    onCommitted: () => {},
    earlyClaims: createEarlyClaims({
      ...{ ...parts, types: [], policies: POLICIES },
      telemetry: createOperationTelemetry({ telemetry, log: silentLog }),
    }),
    metrics: telemetry.metrics,
  });
  return fixture;
}

describe("early claims", () => {
  it("start the attempt of an accepted operation, after the call has returned", async () => {
    await using fixture = await open();
    const started = fixture.ended();
    assert.equal(await fixture.accept("a"), "running");
    assert.deepEqual(fixture.events, []);
    await started;
    assert.deepEqual(fixture.events, ["start a 1"]);
    assert.equal(await fixture.accept("b"), "pending", "no slot is free");
  });

  it("release the slot if the operation waits, and ask for none if it has a turn", async () => {
    await using fixture = await open();
    fixture.free.slots = 0;
    await fixture.accept("first");
    fixture.free.slots = 1;
    assert.equal(await fixture.accept("b", "turn"), "pending");
    assert.equal(fixture.free.slots, 1);
    assert.equal(await fixture.accept("c"), "pending");
    assert.deepEqual(fixture.events, ["release"]);
  });

  it("start an operation whose commit has failed after it took effect, and release the slot if it did not", async () => {
    await using fixture = await open();
    fixture.free.slots = 2;
    fixture.apply = async (changes) => {
      await fixture.store.apply(changes);
      throw new StoreUnavailableError("the connection is lost");
    };
    const started = fixture.ended();
    await assert.rejects(fixture.accept("a"), { code: "store-unavailable" });
    await started;
    fixture.apply = () => Promise.reject(new StoreUnavailableError("the connection is lost"));
    const released = fixture.ended();
    await assert.rejects(fixture.accept("b"), { code: "store-unavailable" });
    await released;
    assert.deepEqual(fixture.events, ["start a 1", "release"]);
  });
});
