import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { machine, order, said } from "../../../test/outside/scene.ts";
import { temporaryFolder } from "../../../test/support/afoot-process.ts";
import type { ArrivedMessage } from "../../core/ports/broker.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { sqliteStore } from "../../stores/sqlite/index.ts";
import type { Said } from "../telemetry/operation-observer.ts";
import { createStatusMessages, type StatusMessages } from "./status-messages.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const MINUTES = 60_000;
const onFatal = (error: unknown): void => {
  throw error;
};
const KEY = { type: "machine", id: "1" };

/** What the HTTP side does not show: order without clocks, repetition, types of other versions. */
describe("status messages", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  const policies = new Map([machine, order].map(({ name, policy }) => [name, policy]));
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = sqliteStore({ path: `${folder.path}/afoot.db` });
    await store.open({ policies, at: NOW, onFatal });
    await accept("create-1", "create", "absent");
  });
  afterEach(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
  });

  const heard: Said[] = [];
  const accept = async (id: string, kind: string, expect: "absent" | Resource, key = KEY): Promise<void> => {
    const retry = expect === "absent" ? {} : { retryOf: expect.operation.id };
    const [applied] = await store.apply([
      { change: "accept", key, expect, operation: { id, kind, configuration: "{}", ...retry }, at: NOW, random: 0 },
    ]);
    assert.equal(applied?.outcome, "applied");
  };
  /** A server whose clock is wrong by so much. */
  const server = (aheadMs = 0, types = [machine, order]): StatusMessages =>
    createStatusMessages({
      types,
      store,
      commit: (changes) => store.apply(changes),
      clock: { ...systemClock, now: () => NOW + aheadMs },
      log: silentLog,
      course: { said: (each) => void heard.push(each) },
    });
  const take = async (taker: StatusMessages, message: unknown, more: Partial<ArrivedMessage> = {}): Promise<string> => {
    const [verdict] = await taker.take([{ message, at: NOW, ...more }]);
    return verdict?.verdict ?? "none";
  };
  const row = async (): Promise<Resource> => {
    const [found] = await store.read([KEY]);
    assert.ok(found !== undefined);
    return found;
  };
  const progress = (status: string): unknown => said("machine/1", "progress", { status });
  const failed = said("machine/1", "failed", { error: { code: "broken", message: "It broke." } });

  it("takes what is said in order as said in order, whatever the servers' clocks say", async () => {
    const [ahead, behind] = [server(10 * MINUTES), server(-10 * MINUTES)];
    assert.equal(await take(ahead, progress("Booting"), { at: NOW + 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal(await take(behind, progress("Checking"), { at: NOW - 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal((await row()).status, "Checking");
    const done = said("machine/1", "succeeded", { details: { address: "10.0.0.1" } });
    assert.equal(await take(behind, done, { at: NOW - 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal((await row()).operation.state, "succeeded");
  });

  it("passes over what another server was faster to take the successor of, but never over an end", async () => {
    const taker = server();
    await take(taker, progress("Checking"), { at: NOW + 2 });
    assert.equal(await take(taker, progress("Booting"), { at: NOW + 1 }), "unchanged");
    assert.equal((await row()).status, "Checking");
    assert.equal(await take(taker, failed, { at: NOW + 1 }), "applied");
  });

  it("does not take an end that is delivered again for that of the operation after it", async () => {
    const taker = server();
    assert.equal(await take(taker, failed, { at: NOW + 1 }), "applied");
    await accept("retry-1", "create", await row());
    assert.equal(await take(taker, failed, { at: NOW + 1, isRepeated: true }), "unchanged");
    assert.equal((await row()).operation.state, "pending");
    assert.equal(await take(taker, failed, { at: NOW + 2 }), "applied");
  });

  it("leaves a message for a type of another version to a server that declares it", async () => {
    const older = server(0, [order]);
    assert.equal(await take(older, progress("Booting")), "later");
    assert.equal(await take(older, said("machine/nobody", "progress", { progress: 0.5 })), "refused");
    assert.equal(await take(server(), progress("Booting")), "applied");
  });

  it("counts what was applied and what was refused", async () => {
    const taker = server();
    await taker.take([progress("Booting"), {}, progress("Checking"), 7].map((message) => ({ message, at: NOW })));
    assert.deepEqual(taker.counts(), { applied: 2, refused: 2 });
  });

  it("rejects where the store is away, so that all of it is delivered again", async () => {
    await store.close();
    await assert.rejects(server().take([{ message: progress("Booting"), at: NOW }]), { code: "store-unavailable" });
    store = sqliteStore({ path: `${folder.path}/afoot.db` });
    await store.open({ policies, at: NOW, onFatal });
  });
});
