import assert from "node:assert/strict";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  existing,
  numbered,
  ready,
  workerEvent,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

/** Tests of edits. Writes are conditional on the edit that was read, so no update is lost. */
export const editTests: StoreTests = {
  "applies exactly one of many racing edits": async ({ store, stores }) => {
    const settled = await ready(store, "a");
    const results = await spread(stores, numbered(50), (each, id) =>
      applyOne(each, change(settled, { id, kind: "update", configuration: JSON.stringify({ by: id }) })),
    );
    const won = results.filter(({ outcome }) => outcome === "applied");
    assert.equal(won.length, 1);
    const lost = new Set(results.filter(({ outcome }) => outcome === "refused").map(({ code }) => code));
    assert.equal(results.filter(({ outcome }) => outcome === "refused").length, 49);
    for (const code of lost) assert.ok(code === "edit-mismatch" || code === "operation-in-progress", code);
    assert.deepEqual(await existing(store, "a"), won[0]?.resource);
  },

  "loses no edit of callers that read and retry": async ({ store, stores }) => {
    await ready(store, "a");
    await spread(stores, numbered(8), async (each, id) => {
      for (let tries = 0; ; tries++) {
        const read = await existing(each, "a");
        const seen = JSON.parse(read.configuration) as Record<string, unknown>;
        const configuration = JSON.stringify({ ...seen, [id]: true });
        const operation = `${id}-${tries}`;
        const { outcome } = await applyOne(each, change(read, { id: operation, kind: "update", configuration }));
        if (outcome !== "applied") continue;
        const [granted] = await claimAll(each, { worker: operation, kinds: ["update"] });
        assert.equal(granted?.resource.operation.id, operation);
        await applied(each, workerEvent(operation, { event: "succeeded", attempt: 1, details: "{}" }));
        return;
      }
    });
    const { configuration } = await existing(store, "a");
    assert.deepEqual(Object.keys(JSON.parse(configuration) as object).toSorted(), [...numbered(8), "size"].toSorted());
  },

  "ignores progress, which edits nothing": async ({ store }) => {
    const settled = await ready(store, "a");
    const turning = await applied(store, change(settled, { id: "turn", kind: "turn" }));
    await claimAll(store, { claim: 2 });
    const shown = await applied(
      store,
      workerEvent("turn", { event: "progress", attempt: 1, sequence: 1, progress: 0.5 }),
    );
    assert.equal(shown.edit, turning.edit);
    assert.ok(shown.version > turning.version);
  },

  "gives a DELETE that races an edit one clear outcome": async ({ store, stores }) => {
    const ids = numbered(20);
    for (const id of ids) await ready(store, id);
    const rows = await Promise.all(ids.map((id) => existing(store, id)));
    const edits = rows.map((row) => change(row, { id: `${row.id}-update`, kind: "update" }));
    const deletes = rows.map((row) => change(row, { id: `${row.id}-delete`, kind: "delete" }));
    const results = await spread(
      stores,
      edits.flatMap((edit, index) => [edit, deletes[index] ?? edit]),
      applyOne,
    );
    for (const [index, id] of ids.entries()) {
      const outcomes = new Set([results[2 * index]?.outcome, results[2 * index + 1]?.outcome]);
      assert.deepEqual(outcomes, new Set(["applied", "refused"]), id);
    }
    const requests = await store.apply(
      ids.map((id) => clientEvent(id, { event: "delete-requested", operation: `${id}-later` })),
    );
    assert.ok(requests.every(({ outcome }) => outcome === "applied" || outcome === "unchanged"));
  },
};
