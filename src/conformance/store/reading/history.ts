import assert from "node:assert/strict";
import { applied, change, create, ready, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Tests of the timeline of a resource. */
export const historyTests: StoreTests = {
  "tells what happened, oldest first, every field of it": async ({ store }) => {
    await running(store, "a");
    const error = { code: "no-disk", title: "No disk", detail: "None is free.", retryable: false };
    await store.apply([
      workerEvent(
        "a-create",
        { event: "recorded", attempt: 1, step: "boot", state: "failed", error, undo: false },
        AT + 1,
      ),
      workerEvent("a-create", { event: "failed", attempt: 1, error }, AT + 2),
    ]);
    const history = await store.history({ key: { type: "widget", id: "a" }, limit: 100 });
    const line = { operation: "a-create", kind: "create" };
    assert.deepEqual(
      history.map(({ sequence: _sequence, ...entry }) => entry),
      [
        { ...line, at: AT, event: "accepted", attempt: 0, status: "Making" },
        { ...line, at: AT, event: "claimed", attempt: 1 },
        { ...line, at: AT + 1, event: "step-failed", attempt: 1, step: "boot", error },
        { ...line, at: AT + 2, event: "attempt-failed", attempt: 1, error },
        { ...line, at: AT + 2, event: "failed", attempt: 1, status: "Failed", error },
      ],
    );
    const sequences = history.map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].toSorted((a, b) => a - b),
    );
  },

  "continues after an entry, and separates resources": async ({ store }) => {
    await ready(store, "a");
    await ready(store, "b");
    const key = { type: "widget", id: "a" };
    const all = await store.history({ key, limit: 100 });
    assert.equal(all.length, 3);
    const [first] = await store.history({ key, limit: 1 });
    assert.deepEqual(first, all[0]);
    assert.deepEqual(await store.history({ key, limit: 100, after: first?.sequence ?? 0 }), all.slice(1));
    assert.deepEqual(await store.history({ key, limit: 100, after: all[2]?.sequence ?? 0 }), []);
    assert.deepEqual(await store.history({ key: { type: "widget", id: "c" }, limit: 100 }), []);
  },

  "spans operations, deletion and another creation": async ({ store }) => {
    const settled = await ready(store, "a");
    await applied(store, change(settled, { id: "turn", kind: "turn" }));
    const turned = await applied(store, { ...workerEvent("turn", { event: "cancel-requested" }) });
    await applied(store, change(turned, { id: "delete", kind: "delete" }));
    await store.claim([{ worker: "w", claim: 9, slots: [{ type: "widget", kinds: ["delete"], free: 1 }], at: AT }]);
    await applied(store, workerEvent("delete", { event: "succeeded", attempt: 1, details: "{}" }));
    await applied(store, create("a", { operation: { id: "second" } }));
    const history = await store.history({ key: settled, limit: 100 });
    assert.deepEqual(
      history.map(({ event, operation }) => `${operation} ${event}`),
      [
        "a-create accepted",
        "a-create claimed",
        "a-create succeeded",
        "turn accepted",
        "turn cancel-requested",
        "turn cancelled",
        "delete accepted",
        "delete claimed",
        "delete succeeded",
        "delete deleted",
        "second accepted",
      ],
    );
  },
};
