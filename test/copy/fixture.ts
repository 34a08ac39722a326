import assert from "node:assert/strict";
import {
  applied,
  clientEvent,
  claimAll,
  create,
  existing,
  ready,
  running,
  workerEvent,
  reportingOf,
} from "../../src/conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../src/conformance/store/fixture/types.ts";
import type { IdempotentReply } from "../../src/core/change.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";

/** A text with characters that a database might misinterpret. */
const ODD = JSON.stringify({ text: String.raw`a "b", {c}, NULL, \ back, ü 𝄞, '; --`, line: "one\ntwo" });

const REPLY: IdempotentReply = { principal: "p", key: "k", fingerprint: "f", status: 202, location: "/l", body: ODD };

const WIDGETS = ["ready", "held", "waiting", "odd"];

/** Creates a file with rows in each table, and an operation that a dead process had claimed. */
export async function fill(path: string): Promise<void> {
  const store = await openSqlite(path);
  await ready(store, "ready");
  await running(store, "held");
  await store.apply([
    workerEvent("held-create", { event: "recorded", attempt: 1, step: "one", state: "done", result: ODD, undo: true }),
    workerEvent("held-create", { event: "progress", attempt: 1, sequence: 1, progress: 0.375, details: ODD }),
  ]);
  await applied(
    store,
    create("odd", { operation: { configuration: ODD, rawConfiguration: ODD, principal: ODD }, idempotency: REPLY }),
  );
  await applied(store, create("gone", { type: "gadget" }));
  await applied(store, create("waiting"));
  await applied(store, clientEvent("waiting", { event: "received", id: "m", name: "approval", value: ODD }));
  const samples = [0, 1, 2].map((each) => [each, each + 5] as const);
  await reportingOf(store).saveDurations([
    { type: "widget", kind: "create", milestone: "", samples },
    { type: "widget", kind: "create", milestone: "one", samples: samples.slice(1) },
  ]);
  await store.close();
}

/** Opens a file as its process would. */
export async function openSqlite(path: string): Promise<Store> {
  const store = sqliteStore({ path });
  await store.open({ policies: POLICIES, at: AT, onFatal: (error) => assert.fail(String(error)) });
  return store;
}

/** Reads the contents that {@link fill} wrote, except the received messages, which only a claim reads. */
export async function contentsOf(store: Store): Promise<unknown> {
  const keys = WIDGETS.map((id) => ({ type: "widget", id }));
  return {
    widgets: await store.read(keys),
    gadgets: await store.list({ type: "gadget", limit: 10 }),
    history: await Promise.all(keys.map((key) => store.history({ key, limit: 100 }))),
    records: await store.records("held-create"),
    replies: await store.readReplies([REPLY]),
    durations: await reportingOf(store).durations(),
    counts: (await reportingOf(store).inProgressCounts()).toSorted(
      (a, b) => a.state.localeCompare(b.state) || a.type.localeCompare(b.type),
    ),
  };
}

/** Asserts that all operations are due with their records and messages, and that a new resource gets new numbers. */
export async function finishAll(store: Store): Promise<void> {
  const granted = await claimAll(store, { worker: "another" });
  assert.deepEqual(granted.map(({ resource }) => resource.id).toSorted(), ["held", "odd", "waiting"]);
  const of = (id: string) => granted.find(({ resource }) => resource.id === id) ?? assert.fail();
  assert.deepEqual(
    of("held").records.map(({ step, result }) => [step, result]),
    [["one", ODD]],
  );
  assert.deepEqual(
    of("waiting").received.map(({ name, value }) => [name, value]),
    [["approval", ODD]],
  );
  const before = await store.history({ key: { type: "widget", id: "odd" }, limit: 100 });
  await ready(store, "new");
  const [line] = await store.history({ key: await existing(store, "new"), limit: 1 });
  assert.ok((line?.sequence ?? 0) > (before.at(-1)?.sequence ?? 0), "numbers of history grow on");
}
