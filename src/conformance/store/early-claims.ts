import assert from "node:assert/strict";
import type { AcceptChange, EarlyClaim } from "../../core/change.ts";
import type { Resource } from "../../core/resource.ts";
import {
  applied,
  applyOne,
  change,
  claimAll,
  create,
  existing,
  idsOf,
  numbered,
  ready,
  workerEvent,
} from "./fixture/changes.ts";
import type { StoreTests } from "./fixture/fixture.ts";
import { AT } from "./fixture/types.ts";

const CLAIM: EarlyClaim = { worker: "early", claim: 7, kinds: ["create", "turn"], free: 0 };

function claimed(accept: AcceptChange, more: Partial<EarlyClaim> = {}): AcceptChange {
  return { ...accept, claim: { ...CLAIM, ...more } };
}

function claimOf({ operation }: Resource): readonly unknown[] {
  const { state, worker, claim, attempt, attemptAt, dueAt } = operation;
  return [state, worker, claim, attempt, attemptAt, dueAt];
}

const RUNNING = ["running", "early", 7, 1, AT, null];
const PENDING = ["pending", null, null, 0, null, AT];

/** Tests of claims with the acceptance: accept and claim are one change. */
export const earlyClaimTests: StoreTests = {
  "claims an operation with its acceptance, as a claim right after it would": async ({ store }) => {
    const resource = await applied(store, claimed(create("a")));
    assert.deepEqual(claimOf(resource), RUNNING);
    assert.deepEqual(await existing(store, "a"), resource);
    const history = await store.history({ key: resource, limit: 10 });
    assert.deepEqual(
      history.map(({ event, attempt }) => [event, attempt]),
      [
        ["accepted", 0],
        ["claimed", 1],
      ],
    );
    assert.deepEqual(await claimAll(store), []);
    assert.deepEqual(await store.claimedOperations(["early"]), [resource]);
    await applied(store, workerEvent(resource.operation.id, { event: "lost", attempt: 1 }));
    assert.deepEqual(idsOf(await claimAll(store, { claim: 2 })), ["a"]);
  },

  "recognizes a repetition of the change, which keeps its claim": async ({ store }) => {
    const accept = claimed(create("a"));
    const first = await applied(store, accept);
    const { outcome, resource } = await applyOne(store, accept);
    assert.deepEqual([outcome, resource], ["unchanged", first]);
  },

  "claims a change of an existing resource": async ({ store }) => {
    const settled = await ready(store, "a");
    const resource = await applied(store, claimed(change(settled, { id: "turn", kind: "turn" })));
    assert.deepEqual(claimOf(resource), RUNNING);
  },

  "claims with an idempotency key, and replays its reply": async ({ store }) => {
    const idempotency = { principal: "", key: "k", fingerprint: "f", status: 202, location: "/a", body: "{}" };
    const accept = { ...claimed(create("a")), idempotency };
    assert.deepEqual(claimOf(await applied(store, accept)), RUNNING);
    const { outcome, resource } = await applyOne(store, accept);
    assert.deepEqual([outcome, resource && claimOf(resource)], ["replayed", RUNNING]);
  },

  "leaves the last slots to operations that wait longer": async ({ store }) => {
    const settled = await ready(store, "settled");
    await applied(store, create("first"));
    await applied(store, change(settled, { id: "turn", kind: "turn" }));
    await applied(store, create("later", { operation: { availableAt: AT + 1 } }));
    const [a, b] = await store.apply([claimed(create("a"), { free: 1 }), claimed(create("b"), { free: 1 })]);
    assert.deepEqual(
      [a, b].map((each) => each?.resource && claimOf(each.resource)),
      [PENDING, PENDING],
    );
    assert.deepEqual(claimOf(await applied(store, claimed(create("c"), { free: 4 }))), RUNNING);
    assert.deepEqual(claimOf(await applied(store, claimed(create("d"), { free: 0, kinds: ["delete"] }))), RUNNING);
    const granted = await claimAll(store);
    assert.deepEqual(idsOf(granted).slice(0, 2).toSorted(), ["first", "settled"]);
    assert.deepEqual(idsOf(granted).toSorted(), ["a", "b", "first", "settled"]);
  },

  "claims in one batch after an operation that waits only if slots are left for it": async ({ store }) => {
    const results = await store.apply([create("a"), claimed(create("b")), claimed(create("c"), { free: 2 })]);
    assert.deepEqual(
      results.map(({ resource }) => resource?.operation.state),
      ["pending", "pending", "running"],
    );
  },

  "never claims what is not due, or has a turn": async ({ store }) => {
    const later = await applied(store, claimed(create("a", { operation: { availableAt: AT + 1 } })));
    const turn = await applied(store, claimed(create("b", { operation: { turn: "t" } })));
    assert.deepEqual(
      [later, turn].map(({ operation }) => operation.state),
      ["pending", "pending"],
    );
  },

  "claims each of many that are accepted by several processes": async ({ store, stores }) => {
    const results = await Promise.all(
      numbered(60).map((id, index) =>
        (stores[index % stores.length] ?? store).apply([claimed(create(id), { claim: index })]),
      ),
    );
    assert.ok(results.every((each) => each[0]?.resource?.operation.state === "running"));
  },
};
