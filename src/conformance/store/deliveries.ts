import assert from "node:assert/strict";
import type { ApplyResult, Store } from "../../core/ports/store.ts";
import { DELIVERY_TYPE, type DeliveryConfiguration } from "../../core/webhooks/delivery-changes.ts";
import { applyOne, clientEvent, create, workerEvent } from "./fixture/changes.ts";
import type { StoreTests } from "./fixture/fixture.ts";
import { AT } from "./fixture/types.ts";

const WEBHOOK = "https://client.example/hook";

const beacon = (id: string, webhook?: string) =>
  create(id, { type: "beacon", operation: webhook === undefined ? {} : { webhook } });

const succeeded = (id: string) =>
  workerEvent(`${id}-create`, { event: "succeeded", attempt: 1, details: '{"lit":true}' }, AT + 1);

async function claim(store: Store, type: string, number = 1) {
  const slots = [{ type, kinds: ["create"], free: 100 }];
  const [granted = []] = await store.claim([{ worker: "worker", claim: number, slots, at: AT + 2 }]);
  return granted.map(({ resource }) => resource);
}

/** Returns the ids of the deliveries that a change has begun. */
function begun({ also = [] }: ApplyResult): readonly string[] {
  return also.map(({ id, type }) => (type === DELIVERY_TYPE ? id : assert.fail(type)));
}

/** Tests of the deliveries that begin in the commit that settles an operation. */
export const deliveryTests: StoreTests = {
  "begins a delivery for each receiver in the commit that settles": async ({ store }) => {
    await store.apply([beacon("a"), beacon("b", WEBHOOK)]);
    assert.equal((await claim(store, "beacon")).length, 2);
    const [a, b, again] = await store.apply([succeeded("a"), succeeded("b"), succeeded("a")]);
    assert.deepEqual(begun(a ?? assert.fail()), ["msg_a-create"]);
    assert.deepEqual(begun(b ?? assert.fail()), ["msg_b-create", "msg_b-create-1"]);
    assert.deepEqual(begun(again ?? assert.fail()), []);
    const deliveries = await claim(store, DELIVERY_TYPE, 2);
    const sent = deliveries.map(({ id, configuration }): readonly string[] => {
      const { event, url, subject, row } = JSON.parse(configuration) as DeliveryConfiguration;
      assert.deepEqual([event, row.details, row.webhook], ["beacon.settled", '{"lit":true}', null]);
      return [id, url, subject.id];
    });
    assert.deepEqual(
      new Set(sent),
      new Set([
        ["msg_a-create", "https://app.example/hook", "a"],
        ["msg_b-create", "https://app.example/hook", "b"],
        ["msg_b-create-1", WEBHOOK, "b"],
      ]),
    );
  },

  "begins deliveries for operations that are accepted and settled in one batch": async ({ store }) => {
    const ids = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const changes = ids.flatMap((id) => [
      beacon(id, WEBHOOK),
      clientEvent(id, { event: "cancel-requested" }, { target: { type: "beacon", id } }),
    ]);
    const results = await store.apply(changes);
    assert.deepEqual(
      results.flatMap(begun).toSorted(),
      ids.flatMap((id) => [`msg_${id}-create`, `msg_${id}-create-1`]).toSorted(),
    );
    assert.equal((await store.list({ type: DELIVERY_TYPE, limit: 100 })).length, 40);
  },

  "begins none for a type without receivers": async ({ store }) => {
    await applyOne(store, create("plain"));
    const settled = await applyOne(store, clientEvent("plain", { event: "cancel-requested" }));
    assert.equal(settled.resource?.operation.state, "cancelled");
    assert.deepEqual(begun(settled), []);
  },
};
