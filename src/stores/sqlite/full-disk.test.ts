import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { type SmallDisk, smallDisk, smallDiskMissing } from "../../../test/support/small-disk.ts";
import {
  applied,
  applyOne,
  change,
  claimAll,
  clientEvent,
  create,
  existing,
  idsOf,
  numbered,
  ready,
  readOne,
  running,
  workerEvent,
} from "../../conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { openCopySource } from "./copy-source.ts";
import { sqliteStore } from "./index.ts";

const isFull = (error: unknown): boolean => isAfootError(error) && error.code === "store-full";
const CONFIGURATION = JSON.stringify({ text: "x".repeat(50_000) });
const REPLY = { principal: "p", key: "k", fingerprint: "f", status: 202, location: "/l", body: "b" };

async function open(disk: SmallDisk, changes: boolean[] = []): Promise<Store> {
  const store = sqliteStore({ path: join(disk.path, "afoot.db") });
  const onFatal = (error: unknown): never => assert.fail(String(error));
  await store.open({ policies: POLICIES, at: AT, onFatal, onDiskFull: (isFullNow) => changes.push(isFullNow) });
  return store;
}

async function createUntilFull(store: Store, prefix: string): Promise<readonly string[]> {
  const accepted: string[] = [];
  for (const id of numbered(10_000, prefix)) {
    try {
      await applied(store, create(id, { operation: { configuration: CONFIGURATION } }));
      accepted.push(id);
    } catch (error) {
      assert.ok(isFull(error), String(error));
      return accepted;
    }
  }
  return assert.fail("the disk never became full");
}

/** Waits for the file that is released on a full disk. */
async function reserved(disk: SmallDisk): Promise<void> {
  const before = await disk.freeBytes();
  await eventually("the reserve", async () => (await disk.freeBytes()) < before - 500_000);
}

describe("sqliteStore on a full disk", { skip: smallDiskMissing() }, () => {
  it("stores what needs little room, and everything again when there is room", async () => {
    await using disk = await smallDisk(16);
    const changes: boolean[] = [];
    const store = await open(disk, changes);
    await applied(store, create("replied", { type: "gadget", idempotency: REPLY }));
    await running(store, "working");
    const settled = await ready(store, "settled");
    await reserved(disk);
    const accepted = await createUntilFull(store, "r");
    disk.fill();
    assert.deepEqual(changes, [true]);
    await assert.rejects(store.checkWritable(), isFull);

    const refused = create("new");
    await assert.rejects(store.apply([refused, clientEvent("working", { event: "cancel-requested" })]), isFull);
    assert.equal(await readOne(store, "new"), undefined);
    assert.equal((await existing(store, "working")).operation.state, "cancelling");
    const ended = await applied(store, workerEvent("working-create", { event: "cancelled", attempt: 1 }));
    assert.equal(ended.status, "Cancelled");
    await assert.rejects(applyOne(store, clientEvent(accepted[0] ?? "", message("m"))), isFull);
    const replayed = await applyOne(store, create("again", { type: "gadget", idempotency: REPLY }));
    assert.equal(replayed.outcome, "replayed");

    await assert.rejects(claimAll(store, { claim: 2 }), isFull);
    await applied(store, change(settled, { id: "settled-delete", kind: "delete" }));
    assert.deepEqual(idsOf(await claimAll(store, { claim: 2 })), ["settled"]);
    await applied(store, workerEvent("settled-delete", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.notEqual((await existing(store, "settled")).deletedAt, null);

    disk.free();
    disk.resize(32);
    await eventually("room", () => changes.length === 2);
    assert.deepEqual(changes, [true, false]);
    await store.checkWritable();
    await applied(store, refused);
    const granted = await claimAll(store, { claim: 3, free: 5 });
    assert.deepEqual(idsOf(granted), accepted.slice(0, 5));
    for (const id of accepted) assert.equal((await existing(store, id)).creation, `${id}-create`);
    await store.close();
  });

  it("marks the claims of a dead process as lost once there is room", async () => {
    await using disk = await smallDisk(16);
    const first = await open(disk);
    await running(first, "working");
    const accepted = await createUntilFull(first, "r");
    await first.close();
    disk.fill();
    const store = await open(disk);
    for (const id of accepted) assert.equal((await existing(store, id)).status, "Making");
    disk.free();
    disk.resize(32);
    const granted = await eventually("a claim", () =>
      claimAll(store, { worker: "next", free: 5 }).catch(() => undefined),
    );
    assert.deepEqual(idsOf(granted), ["working", ...accepted.slice(0, 4)]);
    assert.equal((await existing(store, "working")).operation.lostWorkers, 1);
    await store.close();
  });

  it("can be copied from a full disk", async () => {
    await using disk = await smallDisk(16);
    const store = await open(disk);
    await reserved(disk);
    await running(store, "working");
    const accepted = await createUntilFull(store, "r");
    await store.close();
    disk.fill();
    const source = openCopySource(join(disk.path, "afoot.db"), AT);
    const resources = source.tables.find(({ name }) => name === "resources") ?? assert.fail();
    assert.equal([...source.rows(resources)].length, accepted.length + 1);
    source.markRelocated({ copy: "c", to: "elsewhere", at: AT });
    source.close();
    await assert.rejects(open(disk), { code: "store-moved" });
  });

  it("says that the disk is full where a new store has no room", async () => {
    await using disk = await smallDisk(1);
    disk.fill();
    await assert.rejects(open(disk), { code: "store-full", message: /disk is full; free some space/ });
  });
});

function message(id: string) {
  return { event: "received", id, name: "approval", value: "1" } as const;
}
