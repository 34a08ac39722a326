import assert from "node:assert/strict";
import { test } from "node:test";
import { instants, rejection } from "../../test/client/fixture.ts";
import { busy, FAULT, routes, settled, typedFixture } from "../../test/client/typed-fixture.ts";
import { CancelledError, GoneError, ResourceFailedError } from "./index.ts";

const ONE = "/api/virtual-machines/67890";
const ready = settled("Ready", 1);
const deleted = { status: 404, body: { code: "resource-deleted", detail: "It was deleted." } };

test("every write goes where the protocol says, with a key of its own", async () => {
  const script = routes({
    [`GET ${ONE}`]: ready,
    [`PATCH ${ONE}`]: busy("Resizing", 2, { status: 202 }),
    [`PUT ${ONE}`]: busy("Resizing", 3, { status: 202 }),
    [`POST ${ONE}/force-stop`]: busy("Stopping", 4, { status: 202 }),
    [`POST ${ONE}/start`]: busy("Starting", 5, { status: 202 }),
    [`POST ${ONE}/cancel`]: busy("Starting", 5, { status: 202 }),
    [`POST ${ONE}/retry`]: busy("Starting", 6, { status: 202 }),
    [`POST ${ONE}/approval`]: busy("Starting", 6, { status: 202 }),
  });
  await typedFixture(script, async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    assert.equal((await vm.update({ ram: "32GB" }, { ifUnchanged: true })).status, "Resizing");
    await vm.replace({ os: "BSD" });
    await vm.act("force-stop", { force: true });
    await vm.act("start");
    await vm.cancel();
    await vm.retry({ idempotencyKey: "again" });
    await vm.send("approval", { approved: true });
    assert.equal(vm.state.status, "Starting");
    const [, ...writes] = server.requests;
    assert.deepEqual(
      writes.map(({ method, path, body, headers }) => [
        method,
        path.slice(ONE.length),
        body,
        headers["content-type"],
        headers["if-match"],
      ]),
      [
        ["PATCH", "", { configuration: { ram: "32GB" } }, "application/merge-patch+json", '"c.1-b"'],
        ["PUT", "", { configuration: { os: "BSD" } }, "application/json", undefined],
        ["POST", "/force-stop", { force: true }, "application/json", undefined],
        ["POST", "/start", undefined, undefined, undefined],
        ["POST", "/cancel", undefined, undefined, undefined],
        ["POST", "/retry", undefined, undefined, undefined],
        ["POST", "/approval", { approved: true }, "application/json", undefined],
      ],
    );
    const keys = writes.map(({ headers }) => headers["idempotency-key"]);
    assert.equal(new Set(keys).size, writes.length);
    assert.equal(keys[5], '"again"');
  });
});

test("the reply to a write is newer than a poll that was in flight", async () => {
  const script = routes({
    [`GET ${ONE}`]: [
      busy("Provisioning", 1),
      { ...settled("Ready", 2), afterMs: 10_000 },
      settled("Cancelled", 4, { error: { ...FAULT, code: "cancelled" } }),
    ],
    [`POST ${ONE}/cancel`]: busy("Cancelling", 3, { status: 202, afterMs: 1000 }),
  });
  await typedFixture(script, async ({ clock, server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    const end = rejection(vm.settled());
    await clock.sleep(100);
    assert.equal((await vm.cancel()).status, "Cancelling");
    const error = await end;
    assert.ok(error instanceof CancelledError);
    assert.equal(error.state, vm.state);
    // The state is requested at once, without waiting for the poll that started before the write.
    assert.deepEqual(instants(server), [0, 0, 100, 1100]);
  });
});

test("a poll in flight when the reply to a write arrives changes nothing", async () => {
  const script = routes({
    [`GET ${ONE}`]: [busy("Provisioning", 1), { ...settled("Ready", 2), afterMs: 5000 }],
    [`POST ${ONE}/cancel`]: busy("Cancelling", 3, { status: 202, afterMs: 1000 }),
  });
  await typedFixture(script, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    const [checked] = await Promise.all([vm.refresh(), vm.cancel()]);
    assert.deepEqual(
      { checkedStatus: checked.status, stateStatus: vm.state.status },
      { checkedStatus: "Cancelling", stateStatus: "Cancelling" },
    );
  });
});

test("a settled handle resolves at once, and refresh() requests the state", async () => {
  const unchanged = { status: 304, headers: { etag: '"c.1-b"' } };
  await typedFixture(routes({ [`GET ${ONE}`]: [ready, unchanged, busy("Resizing", 2)] }), async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    assert.equal((await vm.settled()).status, "Ready");
    assert.equal(server.requests.length, 1);
    assert.equal((await vm.refresh()).status, "Ready");
    assert.equal(server.requests[1]?.headers["if-none-match"], '"c.1-b"');
    assert.equal((await vm.refresh()).status, "Resizing");
    assert.equal(vm.state.settled, false);
  });
});

test("an action after the end is followed to its own end", async () => {
  const script = routes({
    [`GET ${ONE}`]: [ready, busy("Stopping", 3), settled("Stopped", 4), settled("Stopped", 6, { error: FAULT })],
    [`POST ${ONE}/stop`]: [busy("Stopping", 2, { status: 202 }), busy("Stopping", 5, { status: 202 })],
  });
  await typedFixture(script, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    await vm.act("stop");
    assert.equal((await vm.settled()).status, "Stopped");
    await vm.act("stop");
    const error = await rejection(vm.settled());
    assert.ok(error instanceof ResourceFailedError);
    assert.deepEqual({ code: error.code, status: error.state.status }, { code: "no-capacity", status: "Stopped" });
  });
});

test("deletes, and resolves when the resource is gone", async () => {
  const slow = routes({
    [`GET ${ONE}`]: [ready, busy("Deleting", 2), deleted],
    [`DELETE ${ONE}`]: busy("Deleting", 2, { status: 202 }),
  });
  await typedFixture(slow, async ({ clock, api }) => {
    const vm = await api.virtualMachines.get("67890");
    await vm.delete();
    assert.equal(vm.state.status, "Deleting");
    await vm.deleted();
    assert.equal(clock.monotonic(), 5000);
    assert.ok((await rejection(vm.settled())) instanceof GoneError);
  });

  const atOnce = routes({ [`GET ${ONE}`]: [ready, deleted], [`DELETE ${ONE}`]: { status: 204 } });
  await typedFixture(atOnce, async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    await vm.delete({ ifUnchanged: true });
    assert.equal(server.requests[1]?.headers["if-match"], '"c.1-b"');
    assert.ok((await rejection(vm.settled())) instanceof GoneError);
    await vm.deleted();
  });

  // The reply to the first DELETE was lost, and at the second one the resource is gone.
  const lost = routes({ [`GET ${ONE}`]: [ready, deleted], [`DELETE ${ONE}`]: [{ fault: "reset" }, deleted] });
  await typedFixture(lost, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    await vm.delete();
    await vm.deleted();
  });
});

test("a delete that fails, and deleted() without a delete, are errors", async () => {
  const script = routes({
    [`GET ${ONE}`]: [ready, settled("Ready", 3, { error: FAULT }), settled("Ready", 4)],
    [`DELETE ${ONE}`]: busy("Deleting", 2, { status: 202 }),
  });
  await typedFixture(script, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    await vm.delete();
    assert.ok((await rejection(vm.deleted())) instanceof ResourceFailedError);
    await assert.rejects(vm.deleted(), { code: "not-deleted" });
  });
  const unchanged = routes({ [`GET ${ONE}`]: [ready, { status: 304 }] });
  await typedFixture(unchanged, async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    await assert.rejects(vm.deleted(), { code: "not-deleted" });
    assert.equal(server.requests.length, 2);
  });
  const unknown = routes({ [`GET ${ONE}`]: ready });
  await typedFixture(unknown, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    assert.ok((await rejection(vm.delete())) instanceof GoneError);
  });
});

test("reads the history, page by page", async () => {
  const line = (event: string): object => ({
    at: "2026-01-01T00:00:00.000Z",
    event,
    operation: "1",
    kind: "create",
    attempt: 0,
  });
  const script = routes({
    [`GET ${ONE}`]: ready,
    [`GET ${ONE}/history`]: { body: { items: [line("accepted"), line("claimed")], next: "n" } },
    [`GET ${ONE}/history?after=n`]: { body: { items: [line("succeeded")] } },
  });
  await typedFixture(script, async ({ api }) => {
    const vm = await api.virtualMachines.get("67890");
    const events: string[] = [];
    for await (const { event } of vm.history()) events.push(event);
    assert.deepEqual(events, ["accepted", "claimed", "succeeded"]);
  });
});

test("an abort ends a write, a read and a list with its reason", async () => {
  const reason = new Error("enough");
  const script = routes({ [`GET ${ONE}`]: ready, [`POST ${ONE}/cancel`]: { fault: "silent" } });
  await typedFixture(script, async ({ clock, api }) => {
    const vm = await api.virtualMachines.get("67890");
    const ending = new AbortController();
    const end = rejection(vm.cancel({ signal: ending.signal }));
    await clock.sleep(1000);
    ending.abort(reason);
    assert.equal(await end, reason);
    const { signal } = ending;
    assert.equal(await rejection(vm.refresh({ signal })), reason);
    assert.equal(await rejection(api.virtualMachines.create({}, { signal })), reason);
    assert.equal(await rejection(vm.settled({ signal })).catch(() => reason), reason);
    assert.equal(await rejection(api.virtualMachines.list({ signal }).next()), reason);
  });
});
