import assert from "node:assert/strict";
import type { OperationEvent } from "../../../core/events.ts";
import type { Store } from "../../../core/ports/store.ts";
import {
  applied,
  change,
  claimAll,
  clientEvent,
  create,
  existing,
  ready,
  readOne,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

const ANN = String.raw`{"id":"ann","owner":"team ä","note":"a \"b\" \n\u0000\ud800 ☂"}`;
const BOB = '{"id":"bob"}';
const CARLA = '{"id":"carla","owner":"team"}';

async function principalsOf(store: Store, id: string) {
  const { operation } = await existing(store, id);
  const { kind, principal, requestedDeletePrincipal } = operation;
  return { kind, principal, requestedDeletePrincipal };
}

const failed = (attempt: number): OperationEvent => ({
  event: "failed",
  attempt,
  error: { code: "work-failed", title: "Work failed", detail: "No.", retryable: false },
});

/** Tests of principals: each operation keeps the principal of its request, and never that of another operation. */
export const principalTests: StoreTests = {
  "keeps the principal of each operation, through a claim and a new opening": async ({ store, reopen }) => {
    await applied(store, create("a", { operation: { owner: "team ä", principal: ANN } }));
    await applied(store, create("without"));
    const granted = await claimAll(store);
    assert.deepEqual(
      granted.map(({ resource }) => [resource.id, resource.owner, resource.operation.principal]),
      [
        ["a", "team ä", ANN],
        ["without", null, null],
      ],
    );
    const before = await store.read([
      { type: "widget", id: "a" },
      { type: "widget", id: "without" },
    ]);
    const again = await reopen();
    const after = await again.read([
      { type: "widget", id: "a" },
      { type: "widget", id: "without" },
    ]);
    assert.deepEqual(
      after.map((row) => row?.operation.principal),
      [ANN, null],
    );
    assert.deepEqual(
      after.map((row) => row?.owner),
      before.map((row) => row?.owner),
    );
  },

  "replaces the principal by that of the next operation, of a retry too, and by none": async ({ store }) => {
    await applied(store, create("a", { operation: { principal: ANN } }));
    await claimAll(store);
    const made = await applied(store, workerEvent("a-create", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.equal(made.operation.principal, ANN, "kept until the next operation begins");
    await applied(store, change(made, { id: "update", kind: "update", configuration: "{}", principal: BOB }));
    await claimAll(store, { claim: 2 });
    const refused = await applied(store, workerEvent("update", failed(1)));
    assert.equal(refused.operation.principal, BOB);
    await applied(store, change(refused, { id: "retry", kind: "update", retryOf: "update", principal: CARLA }));
    assert.equal((await principalsOf(store, "a")).principal, CARLA);
    const [granted] = await claimAll(store, { claim: 3 });
    assert.equal(granted?.resource.operation.principal, CARLA);
    const changed = await applied(store, workerEvent("retry", { event: "succeeded", attempt: 1, details: "{}" }));
    await applied(store, change(changed, { id: "turn", kind: "turn" }));
    assert.deepEqual(await principalsOf(store, "a"), {
      kind: "turn",
      principal: null,
      requestedDeletePrincipal: null,
    });
  },

  "starts a requested delete later with the principal who requested it": async ({ store, reopen }) => {
    await running(store, "a");
    await applied(store, create("b", { operation: { principal: ANN } }));
    await claimAll(store);
    const request = (id: string, principal?: string): OperationEvent => ({
      event: "delete-requested",
      operation: `${id}-delete`,
      ...(principal === undefined ? {} : { principal }),
    });
    await applied(store, clientEvent("a", request("a", BOB)));
    await applied(store, clientEvent("b", request("b")));
    // A second request changes nothing, nor who asked.
    await store.apply([clientEvent("a", request("other", CARLA))]);
    assert.deepEqual(await principalsOf(store, "a"), {
      kind: "create",
      principal: null,
      requestedDeletePrincipal: BOB,
    });
    assert.deepEqual(await principalsOf(store, "b"), {
      kind: "create",
      principal: ANN,
      requestedDeletePrincipal: null,
    });
    const again = await reopen();
    for (const id of ["a", "b"]) {
      const { operation } = await existing(again, id);
      if (operation.settledAt !== null || operation.kind === "delete") continue;
      await again.apply([workerEvent(`${id}-create`, { event: "lost", attempt: 1 })]);
    }
    assert.deepEqual(await principalsOf(again, "a"), {
      kind: "delete",
      principal: BOB,
      requestedDeletePrincipal: null,
    });
    assert.deepEqual(await principalsOf(again, "b"), {
      kind: "delete",
      principal: null,
      requestedDeletePrincipal: null,
    });
  },

  "keeps the principal of a delete without work, until the purge": async ({ store }) => {
    const key = { type: "gadget", id: "a" };
    const made = await applied(store, create("a", { type: "gadget", operation: { principal: ANN } }));
    const cancelled = await applied(store, { ...clientEvent("a", { event: "cancel-requested" }), target: key });
    assert.equal(cancelled.creation, made.creation);
    const gone = await applied(store, change(cancelled, { id: "a-delete", kind: "delete", principal: BOB }));
    assert.equal(gone.operation.principal, BOB);
    assert.deepEqual(await readOne(store, "a", "gadget"), gone);
    await store.purge({
      deletedBefore: AT + 1,
      historyBefore: 0,
      idempotencyBefore: 0,
      statisticsBefore: [],
      limit: 1000,
    });
    assert.equal(await readOne(store, "a", "gadget"), undefined);
    const anew = await applied(store, create("a", { type: "gadget", operation: { id: "anew" } }));
    assert.equal(anew.operation.principal, null);
  },

  "applies changes of one call by different principals one after the other": async ({ store }) => {
    const settled = await ready(store, "a");
    const results = await store.apply([
      change(settled, { id: "turn", kind: "turn", principal: ANN }),
      clientEvent("a", { event: "delete-requested", operation: "a-delete", principal: BOB }),
      create("b", { operation: { principal: CARLA } }),
    ]);
    assert.deepEqual(
      results.map(({ outcome, resource }) => [outcome, resource?.operation.kind, resource?.operation.principal]),
      [
        ["applied", "turn", ANN],
        ["applied", "delete", BOB],
        ["applied", "create", CARLA],
      ],
    );
    assert.equal((await existing(store, "a")).operation.principal, BOB);
  },
};
