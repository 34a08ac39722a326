import assert from "node:assert/strict";
import type { AcceptChange } from "../../../core/change.ts";
import type { OperationEvent } from "../../../core/events.ts";
import type { GrantedOperation, Store, StoreTurns } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import {
  applied,
  applyOne,
  change,
  clientEvent,
  create,
  existing,
  idsOf,
  numbered,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** The limit of gizmos. */
const LIMIT = 2;
const KINDS = ["create", "turn", "delete"];

/** Returns a change that creates a gizmo. Its turn is the part of the id before the hyphen. */
function gizmo(id: string, at = AT): AcceptChange {
  return create(id, { type: "gizmo", at, operation: { turn: id.replace(/-.*/, "") } });
}

interface Claiming {
  readonly claim?: number;
  readonly worker?: string;
  readonly free?: number;
  readonly at?: number;
  readonly kinds?: readonly string[];
}

async function claim(store: Store, claiming: Claiming = {}): Promise<readonly GrantedOperation[]> {
  const { worker = "worker", claim: number = 1, free = 1000, at = AT, kinds = KINDS } = claiming;
  const [granted] = await store.claim([{ worker, claim: number, slots: [{ type: "gizmo", kinds, free }], at }]);
  return granted ?? assert.fail();
}

function event(id: string, type: OperationEvent, at = AT): ReturnType<typeof workerEvent> {
  return workerEvent(`${id}-create`, type, at);
}

const succeeded = (id: string, at = AT) => event(id, { event: "succeeded", attempt: 1, details: "{}" }, at);

function turnsOf({ turns }: Store): StoreTurns {
  return turns ?? assert.fail("capabilities.turns: the store has `turns`");
}

/** Tests of operations that take turns. */
export const turnTests: StoreTests = {
  "claims no more than the limit of a turn, and the next one once a claimed one has ended": async ({ store }) => {
    await store.apply(["a-1", "a-2", "a-3", "a-4", "b-1"].map((id) => gizmo(id)));
    assert.deepEqual(idsOf(await claim(store)), ["a-1", "b-1", "a-2"]);
    assert.deepEqual(idsOf(await claim(store, { claim: 2 })), []);
    assert.equal((await existing(store, "a-3", "gizmo")).operation.state, "pending");
    await applied(store, succeeded("a-2"));
    assert.deepEqual(idsOf(await claim(store, { claim: 3 })), ["a-3"]);
    assert.deepEqual(idsOf(await claim(store, { claim: 1 })), ["a-1", "b-1"]);
    assert.deepEqual(idsOf(await claim(store, { claim: 3 })), ["a-3"]);
  },

  "claims for the turn that waited longest first": async ({ store }) => {
    await store.apply(numbered(6, "a-").map((id) => gizmo(id)));
    await store.apply([gizmo("b-1", AT + 1), gizmo("b-2", AT + 1), gizmo("c-1", AT + 2)]);
    const order: string[] = [];
    for (let number = 1; number <= 9; number++) {
      const at = AT + 10 * number;
      const granted = idsOf(await claim(store, { claim: number, free: 1, at }));
      order.push(...granted.map((id) => id.replace(/-.*/, "")));
      await store.apply(granted.map((id) => succeeded(id, at + 5)));
    }
    assert.deepEqual(order.join(""), "abcabaaaa");
  },

  "says when the next operation may be claimed, and the order of a queue": async ({ store }) => {
    const slots = [{ type: "gizmo", kinds: ["create"] }];
    assert.equal(await store.nextDueAt(slots), undefined);
    await store.apply([gizmo("a-1", AT - 3), gizmo("a-3", AT - 1), gizmo("a-2", AT - 2), gizmo("a-4")]);
    await applied(store, create("a-5", { type: "gizmo", operation: { turn: "a", availableAt: AT + 50 } }));
    assert.equal(await store.nextDueAt(slots), AT - 3);
    assert.equal(await store.nextDueAt([{ type: "gizmo", kinds: ["delete"] }]), undefined);
    const queue = (at: number, limit = 10): Promise<readonly string[]> =>
      turnsOf(store).queue({ type: "gizmo", turn: "a", at, limit });
    assert.deepEqual(await queue(AT), ["a-1-create", "a-2-create", "a-3-create", "a-4-create"]);
    assert.deepEqual(idsOf(await claim(store)), ["a-1", "a-2"]);
    assert.equal(await store.nextDueAt(slots), undefined, "the turn is at its limit");
    assert.deepEqual(await queue(AT), ["a-3-create", "a-4-create"]);
    assert.deepEqual(await queue(AT + 50, 2), ["a-3-create", "a-5-create"].toSpliced(1, 0, "a-4-create").slice(0, 2));
    await applied(store, succeeded("a-1", AT + 7));
    assert.equal(await store.nextDueAt(slots), AT + 7);
    await store.apply([
      succeeded("a-2"),
      clientEvent("a-3", { event: "cancel-requested" }, { target: { operation: "a-3-create" } }),
    ]);
    assert.deepEqual(idsOf(await claim(store, { claim: 2, at: AT + 8 })), ["a-4"]);
    assert.equal(await store.nextDueAt(slots), AT + 50);
    assert.deepEqual(idsOf(await claim(store, { claim: 3, at: AT + 50 })), ["a-5"]);
  },

  "frees the turn of an operation that waits, failed, was handed back or lost its worker": async ({ store }) => {
    const error = { code: "work-failed", title: "Work failed", detail: "Out of luck.", retryable: true };
    const ends: readonly OperationEvent[] = [
      { event: "waiting", attempt: 1, until: AT + 1000, receivedSeen: 0 },
      { event: "waiting", attempt: 1, receive: ["approval"], receivedSeen: 0 },
      { event: "failed", attempt: 1, error },
      { event: "lost", attempt: 1 },
      { event: "handed-back", attempt: 1 },
      { event: "failed", attempt: 1, error: { ...error, retryable: false } },
    ];
    for (const [index, end] of ends.entries()) {
      const claimed = async (number: number): Promise<readonly string[]> =>
        idsOf(await claim(store, { claim: 10 * index + number })).filter((id) => id.startsWith(`k${index}`));
      const [first = "", second = "", third = ""] = [1, 2, 3].map((number) => `k${index}-${number}`);
      await store.apply([first, second, third].map((id) => gizmo(id)));
      assert.deepEqual(await claimed(1), [first, second]);
      await applied(store, event(first, end));
      // An operation that is due again was accepted before the others of its turn.
      const isDue = end.event === "lost" || end.event === "handed-back";
      assert.deepEqual(await claimed(2), [isDue ? first : third], end.event);
    }
  },

  "counts undoing, and lets begun operations go before those accepted later": async ({ store }) => {
    await store.apply([gizmo("a-1", AT - 2), gizmo("a-2", AT - 1)]);
    await claim(store);
    await applied(store, event("a-1", { event: "recorded", attempt: 1, step: "s", state: "done", undo: true }));
    await store.apply([
      clientEvent("a-1", { event: "cancel-requested" }, { target: { operation: "a-1-create" } }),
      event("a-2", { event: "waiting", attempt: 1, until: AT + 5, receivedSeen: 0 }),
      ...numbered(3, "a-z").map((id) => gizmo(id)),
    ]);
    await applied(store, event("a-1", { event: "cancelled", attempt: 1 }));
    const granted = await claim(store, { claim: 2, at: AT + 5 });
    assert.deepEqual(idsOf(granted), ["a-1", "a-2"]);
    assert.equal(granted[0]?.resource.operation.state, "undoing");
    assert.deepEqual(idsOf(await claim(store, { claim: 3, at: AT + 6 })), []);
  },

  "takes the turn of each operation of a resource, and keeps it for a delete that was requested": async ({ store }) => {
    await applied(store, gizmo("a-1"));
    await claim(store);
    const made = await applied(store, succeeded("a-1"));
    const turning = await applied(store, change(made, { id: "turn", kind: "turn", turn: "b" }));
    assert.equal(turning.operation.turn, "b");
    await store.apply([gizmo("b-1"), gizmo("b-2"), gizmo("b-3")]);
    assert.deepEqual(idsOf(await claim(store, { claim: 2, free: 1, kinds: ["turn"] })), ["a-1"]);
    assert.deepEqual(idsOf(await claim(store, { claim: 3, kinds: ["turn"] })), []);
    assert.deepEqual(idsOf(await claim(store, { claim: 4 })), ["b-1"]);
    await store.apply([
      clientEvent("a-1", { event: "delete-requested", operation: "removal" }, { target: { operation: "turn" } }),
      workerEvent("turn", { event: "cancelled", attempt: 1 }),
    ]);
    const { operation } = await existing(store, "a-1", "gizmo");
    assert.deepEqual([operation.kind, operation.turn, operation.state], ["delete", "b", "pending"]);
    assert.deepEqual(idsOf(await claim(store, { claim: 5 })).length, 1);
  },

  "never exceeds the limit when claims and ends race": async ({ store, stores }) => {
    const ids = numbered(60, "r").map((id, index) => `k${index % 3}-${id}`);
    await store.apply(ids.map((id) => gizmo(id)));
    const running = new Map<string, number>();
    const move = ({ id }: Resource, by: number): void => {
      const key = id.slice(0, 2);
      const count = (running.get(key) ?? 0) + by;
      assert.ok(count <= LIMIT, `${key}: ${count} claimed at once`);
      running.set(key, count);
    };
    const ended: string[] = [];
    const work = async (each: Store, worker: string): Promise<void> => {
      for (let number = 1; ended.length < ids.length; number++) {
        const granted = await claim(each, { worker, claim: number, free: 3, at: AT + number });
        for (const { resource } of granted) move(resource, 1);
        for (const { resource } of granted) {
          // Before the call: once the end is committed, the next operation may be claimed.
          move(resource, -1);
          const { outcome } = await applyOne(each, succeeded(resource.id, AT + number));
          assert.equal(outcome, "applied");
          ended.push(resource.id);
        }
      }
    };
    await Promise.all(numbered(6, "w").map((worker, index) => work(stores[index % stores.length] ?? store, worker)));
    assert.deepEqual(ended.toSorted(), ids.toSorted());
  },

  "claims operations of a type that has no limit any more": async ({ store, reopen }) => {
    await store.apply(numbered(4).map((id) => create(id, { operation: { turn: "a" } })));
    const reopened = await reopen();
    const slots = [{ type: "widget", kinds: ["create"], free: 10 }];
    const [granted = []] = await reopened.claim([{ worker: "w", claim: 1, slots, at: AT }]);
    assert.deepEqual(idsOf(granted), numbered(4));
  },

  "keeps the queue over a clock that is set back": async ({ store }) => {
    await store.adjustToClock({ at: AT });
    await store.apply([gizmo("a-1"), gizmo("a-2"), gizmo("a-3")]);
    await claim(store);
    await store.adjustToClock({ at: AT - 3_600_000 });
    await applied(store, succeeded("a-1", AT - 3_600_000));
    assert.deepEqual(idsOf(await claim(store, { claim: 2, at: AT - 3_600_000 })), ["a-3"]);
  },
};
