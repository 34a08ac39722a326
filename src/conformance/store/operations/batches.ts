import assert from "node:assert/strict";
import type { AcceptChange, Change } from "../../../core/change.ts";
import { isAfootError } from "../../../core/errors.ts";
import {
  applied,
  applyOne,
  clientEvent,
  claimAll,
  create,
  existing,
  idsOf,
  numbered,
  ready,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

const isRefusal = (error: unknown): boolean =>
  isAfootError(error) && error.code === "store-refused" && error.message.length > 20;

/** Changes that no store can hold, or return unchanged. */
const BAD: Readonly<Record<string, AcceptChange>> = {
  "NUL in an id": create("b\0d"),
  "NUL in a text": create("bad", { operation: { configuration: '{"a":"\0"}' } }),
  "half a surrogate pair": create("bad", { operation: { owner: "\uD800" } }),
  "an instant that is no number": create("bad", { at: Number.NaN }),
  "an instant that would come back as another": create("bad", { operation: { availableAt: 2 ** 60 } }),
  "an instant beyond all time": create("bad", { operation: { availableAt: Number.POSITIVE_INFINITY } }),
  "an operation id that another resource has": create("bad", { operation: { id: "first-create" } }),
};

/** Tests of changes that share a transaction: a bad entry fails alone. */
export const batchTests: StoreTests = {
  "applies ninety-nine of a hundred and refuses the bad one, whatever is bad": async ({ store }) => {
    await applied(store, create("first"));
    for (const [index, [description, bad]] of Object.entries(BAD).entries()) {
      const changes: Change[] = numbered(99, `r${index}-`).map((id) => create(id));
      changes.splice(50, 0, bad);
      const results = await Promise.allSettled(changes.map((each) => applyOne(store, each)));
      for (const [position, result] of results.entries()) {
        if (position === 50) {
          assert.ok(
            result.status === "rejected" && isRefusal(result.reason),
            `${description}: ${JSON.stringify(result)}`,
          );
        } else {
          assert.equal(result.status === "fulfilled" && result.value.outcome, "applied", description);
        }
      }
    }
    assert.deepEqual(await store.read([{ type: "widget", id: "bad" }]), [undefined]);
    assert.equal((await claimAll(store)).length, 1 + 99 * Object.keys(BAD).length);
  },

  "applies the other changes of a call that it refuses for one": async ({ store }) => {
    await assert.rejects(
      store.apply([create("a"), create("bad", { operation: { owner: "\0" } }), create("b")]),
      isRefusal,
    );
    const rows = await store.read(["a", "bad", "b"].map((id) => ({ type: "widget", id })));
    assert.deepEqual(
      rows.map((row) => row?.id),
      ["a", undefined, "b"],
    );
    const again = await store.apply([create("a"), create("b")]);
    assert.deepEqual(
      again.map(({ outcome }) => outcome),
      ["unchanged", "unchanged"],
    );
  },

  "leaves nothing of a refused change behind": async ({ store }) => {
    await running(store, "a");
    const before = await existing(store, "a");
    const step = workerEvent("a-create", {
      event: "recorded",
      attempt: 1,
      step: "s",
      state: "done",
      result: '"\0"',
      undo: true,
    });
    const good = workerEvent("a-create", { event: "recorded", attempt: 1, step: "t", state: "done", undo: false });
    const [bad] = await Promise.allSettled([applyOne(store, step), applyOne(store, create("b"))]);
    assert.equal(bad.status, "rejected");
    assert.deepEqual(await existing(store, "a"), before);
    assert.deepEqual(await store.records("a-create"), []);
    assert.equal((await store.history({ key: before, limit: 10 })).length, 2);
    assert.equal((await applied(store, good)).operation.steps, 1);
  },

  "refuses an estimate that is no number, rather than forget it": async ({ store }) => {
    const before = await running(store, "a");
    const progress = { event: "progress", attempt: 1, sequence: 1, progress: 0.5, estimatedEndAt: Number.NaN } as const;
    await assert.rejects(applyOne(store, workerEvent("a-create", progress)), isRefusal);
    assert.deepEqual(await existing(store, "a"), before);
  },

  "returns the refusal of an unknown row at its index": async ({ store }) => {
    const results = await store.apply([
      create("a"),
      workerEvent("nobody", { event: "cancelled", attempt: 1 }),
      create("b"),
    ]);
    assert.deepEqual(
      results.map(({ outcome, code }) => code ?? outcome),
      ["applied", "resource-not-found", "applied"],
    );
  },

  "folds a thousand changes of one resource that arrive at once": async ({ store }) => {
    await running(store, "a");
    const progress = (sequence: number): Change =>
      workerEvent("a-create", { event: "progress", attempt: 1, sequence, progress: sequence / 1000 }, AT + sequence);
    const results = await Promise.all(Array.from({ length: 1000 }, (_, index) => applyOne(store, progress(index + 1))));
    assert.ok(
      results.every(
        ({ outcome }, index) => outcome === "applied" && results[index]?.resource?.operation.sequence === index + 1,
      ),
    );
    const { operation, version } = await existing(store, "a");
    assert.deepEqual(
      { sequence: operation.sequence, progress: operation.progress, version },
      { sequence: 1000, progress: 1, version: results.at(-1)?.resource?.version },
    );
  },

  "grants claims what is due after the changes before them in the same tick": async ({ store, processes }) => {
    await store.apply([create("a"), create("b"), create("c"), create("z", { operation: { availableAt: AT + 50 } })]);
    const [cancelled, , granted, again] = await Promise.all([
      applyOne(store, clientEvent("a", { event: "cancel-requested" })),
      applyOne(store, create("d")),
      claimAll(store, { claim: 1, free: 2 }),
      claimAll(store, { claim: 2, free: 2 }),
    ]);
    assert.equal(cancelled.outcome, "applied");
    const later = await claimAll(store, { claim: 3 });
    const ids = idsOf([...granted, ...again, ...later]).filter((id) => id !== "a");
    assert.deepEqual(ids.toSorted(), ["b", "c", "d"]);
    // Calls on several connections have no order.
    if (processes === "one") {
      assert.deepEqual(
        { grantedIdsOf: idsOf(granted), againIdsOf: idsOf(again), later },
        { grantedIdsOf: ["b", "c"], againIdsOf: ["d"], later: [] },
      );
    }
    for (const { resource } of [...again, ...later]) assert.deepEqual(await existing(store, resource.id), resource);
  },

  "lets a claim see what was accepted before it in the same tick": async ({ store, processes }) => {
    const [, granted] = await Promise.all([
      store.apply([create("a"), create("b")]),
      claimAll(store),
      store.apply([create("c")]),
    ]);
    const later = await claimAll(store, { claim: 2 });
    assert.deepEqual(idsOf([...granted, ...later]).toSorted(), ["a", "b", "c"]);
    // Calls on several connections have no order.
    if (processes === "one") assert.deepEqual(idsOf(granted), ["a", "b"]);
  },

  "rounds instants to whole milliseconds, so that no fraction makes a change fail": async ({ store }) => {
    const resource = await applied(store, create("a", { operation: { availableAt: AT + 0.4 } }));
    assert.equal(Math.round(resource.operation.dueAt ?? 0), AT);
    assert.equal((await existing(store, "a")).operation.dueAt, AT);
    assert.equal((await ready(store, "b")).status, "Ready");
  },
};
