import assert from "node:assert/strict";
import { nextDeadlineAt } from "../../../core/operation.ts";
import { applied, clientEvent, create, existing, idsOf, ready, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Tests of the operations that the reaper ends. */
export const overdueTests: StoreTests = {
  "gives what is past a limit, the longest overdue first": async ({ store }) => {
    await applied(store, create("deadline", { at: AT + 50 }));
    const claimed = await running(store, "timeout");
    await applied(store, create("later", { operation: { availableAt: AT + 10_000_000 } }));
    await ready(store, "settled");
    const timeoutAt = nextDeadlineAt(claimed.operation) ?? assert.fail();
    assert.equal(await store.nextOverdueAt(), timeoutAt);
    assert.deepEqual(await store.overdue(timeoutAt - 1, 10), []);
    assert.deepEqual(idsOf(await store.overdue(timeoutAt, 10)), ["timeout"]);
    assert.deepEqual(idsOf(await store.overdue(AT + 5_000_000, 10)), ["timeout", "deadline"]);
    assert.deepEqual(idsOf(await store.overdue(AT + 5_000_000, 1)), ["timeout"]);
    const [overdue] = await store.overdue(timeoutAt, 1);
    assert.deepEqual(overdue, { resource: await existing(store, "timeout"), stepsNotUndone: [] });
  },

  "is done with what an overdue event has moved on": async ({ store }) => {
    const claimed = await running(store, "a");
    const timeoutAt = nextDeadlineAt(claimed.operation) ?? assert.fail();
    const moved = await applied(store, workerEvent("a-create", { event: "overdue" }, timeoutAt));
    assert.deepEqual(
      { state: moved.operation.state, failures: moved.operation.failures },
      { state: "pending", failures: 1 },
    );
    assert.deepEqual(await store.overdue(timeoutAt, 10), []);
    const deadlineAt = (await store.nextOverdueAt()) ?? assert.fail();
    assert.equal(deadlineAt, moved.operation.deadlineAt);
    const settled = await applied(store, workerEvent("a-create", { event: "overdue" }, deadlineAt));
    assert.deepEqual(
      { status: settled.status, code: settled.error?.code },
      { status: "Failed", code: "deadline-exceeded" },
    );
    assert.equal(await store.nextOverdueAt(), undefined);
  },

  "forgets what was cancelled": async ({ store }) => {
    await applied(store, create("a"));
    await applied(store, clientEvent("a", { event: "cancel-requested" }));
    assert.equal(await store.nextOverdueAt(), undefined);
    assert.deepEqual(await store.overdue(AT + 5_000_000_000, 10), []);
  },
};
