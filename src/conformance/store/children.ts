import assert from "node:assert/strict";
import type { EventChange } from "../../core/change.ts";
import type { ChildCommand, OperationEvent } from "../../core/events.ts";
import type { Store } from "../../core/ports/store.ts";
import {
  applied,
  applyOne,
  claimAll,
  clientEvent,
  create,
  existing,
  numbered,
  readOne,
  running,
  spread,
  workerEvent,
} from "./fixture/changes.ts";
import type { StoreTests } from "./fixture/fixture.ts";

const LIMIT = { maxInProgress: 1 };

/** A record of the parent `p`, with a command that creates the child. */
function creating(id: string, more: { maxInProgress?: number; type?: string; attempt?: number } = {}): EventChange {
  const { type = "gadget", attempt = 1, ...limit } = more;
  const child: ChildCommand = {
    command: "create",
    type,
    id,
    name: `child ${id}`,
    operation: `${id}-create`,
    configuration: '{"size":2}',
    rawConfiguration: '{"size":2}',
    ...limit,
  };
  return workerEvent("p-create", { event: "recorded", attempt, step: id, state: "done", undo: true, child });
}

function deleting(id: string, attempt = 1): EventChange {
  const child = { command: "delete", type: "gadget", id, operation: `${id}-delete` } as const;
  return workerEvent("p-create", {
    event: "recorded",
    attempt,
    step: `delete:${id}`,
    state: "started",
    undo: false,
    child,
  });
}

function waiting(ids: readonly string[], receivedSeen = 0): EventChange {
  const receive = ids.map((id) => `child:gadget/${id}`);
  return workerEvent("p-create", { event: "waiting", attempt: 1, receive, receivedSeen });
}

/** Claims and ends the create of gadgets. */
async function end(
  store: Store,
  id: string,
  event: Omit<OperationEvent & { attempt: number }, "attempt">,
): Promise<void> {
  const change = workerEvent(`${id}-create`, { ...event, attempt: 1 } as OperationEvent);
  await applied(store, change);
}

async function claimGadgets(store: Store): Promise<void> {
  const slots = [{ type: "gadget", kinds: ["create"], free: 1000 }];
  await store.claim([{ worker: "of gadgets", claim: 1, slots, at: Date.now() * 2 }]);
}

const SUCCEEDED = { event: "succeeded", details: "{}" } as const;

/** Tests of changes that concern a parent and its child. */
export const childTests: StoreTests = {
  "creates a child with the record of its parent, once": async ({ store, stores }) => {
    const { owner } = await running(store, "p");
    const results = await spread(stores, numbered(20), (each) => applyOne(each, creating("c")));
    assert.equal(results.filter(({ outcome }) => outcome === "applied").length, 1);
    assert.deepEqual(
      results.flatMap(({ also = [] }) => also.map(({ id }) => id)),
      ["c"],
    );
    const child = await existing(store, "c", "gadget");
    assert.deepEqual(
      { parent: child.parent, owner: child.owner, configuration: child.configuration },
      {
        parent: { type: "widget", id: "p", name: "child c", depth: 1, madeBy: "p-create.0.0" },
        owner,
        configuration: '{"size":2}',
      },
    );
    assert.equal((await existing(store, "p")).operation.undoable, 1);
  },

  "stores neither the record nor the child if one of them is refused": async ({ store }) => {
    await running(store, "p");
    await applied(store, create("other", { type: "gadget" }));
    assert.equal((await applyOne(store, creating("c", LIMIT))).code, "too-many-in-progress");
    assert.equal((await applyOne(store, creating("c", { attempt: 2 }))).outcome, "dropped");
    assert.equal(await readOne(store, "c", "gadget"), undefined);
    assert.deepEqual(await store.records("p-create"), []);
  },

  "wakes a parent by the change that ends its child": async ({ store }) => {
    await running(store, "p");
    for (const id of ["c", "d"]) await applied(store, creating(id));
    await applied(store, waiting(["c", "d"]));
    await claimGadgets(store);
    await end(store, "c", SUCCEEDED);
    const first = await existing(store, "p");
    assert.deepEqual([first.operation.state, first.operation.awaitedMessages], ["pending", ["child:gadget/d"]]);
    const [granted] = await claimAll(store, { worker: "next", at: Date.now() * 2 });
    assert.equal(granted?.resource.operation.receivedCount, 1);
    assert.deepEqual(granted.received, []);
  },

  "loses no wake-up to a race": async ({ store, stores }) => {
    const ids = numbered(20, "c");
    await running(store, "p");
    for (const id of ids) await applied(store, creating(id));
    await claimGadgets(store);
    const ends = ids.map((id) => workerEvent(`${id}-create`, { ...SUCCEEDED, attempt: 1 }));
    await spread(stores, [...ends.slice(0, 10), waiting(ids), ...ends.slice(10)], applyOne);
    const { operation } = await existing(store, "p");
    assert.equal(operation.receivedCount, 20);
    assert.notEqual(operation.dueAt, null, "the parent is due");
  },

  "deletes a child by command, and informs its parent": async ({ store }) => {
    await running(store, "p");
    for (const id of ["c", "d"]) await applied(store, creating(id));
    await claimGadgets(store);
    await end(store, "c", SUCCEEDED);
    const { outcome, also = [] } = await applyOne(store, deleting("c"));
    assert.equal(outcome, "unchanged");
    assert.deepEqual(
      also.map(({ id, deletedAt }) => [id, deletedAt === null]),
      [
        ["c", false],
        ["p", true],
      ],
    );
    await applyOne(store, deleting("d"));
    const { operation } = await existing(store, "d", "gadget");
    assert.deepEqual([operation.state, operation.requestedDelete], ["cancelling", "d-delete"]);
    assert.equal((await applyOne(store, deleting("none"))).outcome, "unchanged");
    await applied(store, workerEvent("d-create", { event: "cancelled", attempt: 1 }));
    assert.notEqual((await existing(store, "d", "gadget")).deletedAt, null);
    assert.equal((await existing(store, "p")).operation.receivedCount, 3);
  },

  "retries a failed child by the command that creates it": async ({ store }) => {
    await running(store, "p");
    await applied(store, creating("c"));
    await claimGadgets(store);
    const error = { code: "broken", title: "Broken", detail: "It broke.", retryable: false };
    await end(store, "c", { event: "failed", error } as never);
    const retry = creating("c");
    await applyOne(store, {
      ...retry,
      event: { ...retry.event, child: { ...commandOf(retry), operation: "again" } } as never,
    });
    const { operation } = await existing(store, "c", "gadget");
    assert.deepEqual([operation.id, operation.root, operation.state], ["again", "c-create", "pending"]);
  },

  "lists the children of one parent, in pages": async ({ store }) => {
    await running(store, "p");
    await running(store, "q", { claim: 2 });
    const ids = numbered(5, "c");
    for (const id of ids) await applied(store, creating(id));
    await applied(store, create("alone", { type: "gadget" }));
    await applyOne(store, deleting(ids[0] ?? ""));
    const parent = { type: "widget", id: "p" };
    const all = await store.list({ type: "gadget", parent, limit: 10 });
    const first = await store.list({ type: "gadget", parent, limit: 2 });
    const last = first.at(-1) ?? assert.fail();
    const rest = await store.list({
      type: "gadget",
      parent,
      limit: 10,
      after: { createdAt: last.createdAt, id: last.id },
    });
    assert.deepEqual(
      [...first, ...rest].map(({ id }) => id),
      all.map(({ id }) => id),
    );
    assert.deepEqual(all.map(({ id }) => id).toSorted(), ids.slice(1));
    const makings = await store.list({ type: "gadget", parent, statuses: ["Making", "Ready"], limit: 10 });
    assert.equal(makings.length, 4);
    assert.deepEqual(await store.list({ type: "gadget", parent: { type: "widget", id: "q" }, limit: 10 }), []);
    await applyOne(store, clientEvent("p", { event: "cancel-requested" }));
  },
};

function commandOf({ event }: EventChange): ChildCommand {
  return event.event === "recorded" && event.child !== undefined ? event.child : assert.fail();
}
