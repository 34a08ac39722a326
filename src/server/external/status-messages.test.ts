import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { defineResource } from "afoot";
import { z } from "zod";
import { machine, order, statusMessage } from "../../../test/external/fixture.ts";
import { temporaryFolder } from "../../../test/support/afoot-process.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ArrivedMessage } from "../../core/ports/broker.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { sqliteStore } from "../../stores/sqlite/index.ts";
import type { ReceivedStatusMessage } from "../telemetry/operation-telemetry.ts";
import { createStatusMessages, type StatusMessages } from "./status-messages.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const MINUTES = 60_000;
const onFatal = (error: unknown): void => {
  throw error;
};
const KEY = { type: "machine", id: "1" };

/** Properties that cannot be tested over HTTP: order without clocks, redelivery, types of other versions. */
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

  const received: ReceivedStatusMessage[] = [];
  const accept = async (id: string, kind: string, expect: "absent" | Resource, key = KEY): Promise<void> => {
    const retry = expect === "absent" ? {} : { retryOf: expect.operation.id };
    const [applied] = await store.apply([
      { change: "accept", key, expect, operation: { id, kind, configuration: "{}", ...retry }, at: NOW, random: 0 },
    ]);
    assert.equal(applied?.outcome, "applied");
  };
  /** Creates a server whose clock is ahead by `aheadMs`. */
  const createServer = (aheadMs = 0, types: readonly ResourceType[] = [machine, order]): StatusMessages =>
    createStatusMessages({
      types,
      store,
      commit: (changes) => store.apply(changes),
      clock: { ...systemClock, now: () => NOW + aheadMs },
      log: silentLog,
      telemetry: { onStatusMessage: (each) => void received.push(each) },
    });
  const apply = async (
    server: StatusMessages,
    message: unknown,
    more: Partial<ArrivedMessage> = {},
  ): Promise<string> => {
    const [applied] = await server.apply([{ message, at: NOW, ...more }]);
    return applied?.result ?? "none";
  };
  const row = async (): Promise<Resource> => {
    const [found] = await store.read([KEY]);
    assert.ok(found !== undefined);
    return found;
  };
  const progress = (status: string): unknown => statusMessage("machine/1", "progress", { status });
  const failed = statusMessage("machine/1", "failed", { error: { code: "broken", message: "It broke." } });

  it("applies ordered messages in their order, whatever the servers' clocks show", async () => {
    const [ahead, behind] = [createServer(10 * MINUTES), createServer(-10 * MINUTES)];
    assert.equal(await apply(ahead, progress("Booting"), { at: NOW + 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal(await apply(behind, progress("Checking"), { at: NOW - 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal((await row()).status, "Checking");
    const done = statusMessage("machine/1", "succeeded", { details: { address: "10.0.0.1" } });
    assert.equal(await apply(behind, done, { at: NOW - 10 * MINUTES, isInOrder: true }), "applied");
    assert.equal((await row()).operation.state, "succeeded");
  });

  it("ignores a message older than one already applied, but never an end", async () => {
    const server = createServer();
    await apply(server, progress("Checking"), { at: NOW + 2 });
    assert.equal(await apply(server, progress("Booting"), { at: NOW + 1 }), "unchanged");
    assert.equal((await row()).status, "Checking");
    assert.equal(await apply(server, failed, { at: NOW + 1 }), "applied");
  });

  it("does not apply a redelivered end to the next operation", async () => {
    const server = createServer();
    assert.equal(await apply(server, failed, { at: NOW + 1 }), "applied");
    await accept("retry-1", "create", await row());
    assert.equal(await apply(server, failed, { at: NOW + 1, isRepeated: true }), "unchanged");
    assert.equal((await row()).operation.state, "pending");
    assert.equal(await apply(server, failed, { at: NOW + 2 }), "applied");
  });

  it("applies a redelivered end without its first instant, although another message was committed meanwhile", async () => {
    const server = createServer();
    await apply(server, progress("Checking"), { at: NOW + 2 });
    assert.equal(await apply(server, failed, { at: NOW + 1, isRepeated: true }), "unchanged");
    assert.equal(await apply(server, failed, { at: NOW + 1, isRepeated: true, isRedated: true }), "applied");
  });

  it("leaves a message for a type of another version to a server that declares it", async () => {
    const older = createServer(0, [order]);
    assert.equal(await apply(older, progress("Booting")), "later");
    assert.equal(await apply(older, statusMessage("machine/nobody", "progress", { progress: 0.5 })), "refused");
    assert.equal(await apply(createServer(), progress("Booting")), "applied");
  });

  it("accepts a redelivered message that has settled its operation, and refuses a late one", async () => {
    const server = createServer();
    assert.equal(await apply(server, failed, { at: NOW + 1 }), "applied");
    // A queue that does not record the instant of arrival: the redelivery has another one.
    assert.equal(await apply(server, failed, { at: NOW + 5, isRepeated: true }), "unchanged");
    assert.equal(await apply(server, failed, { at: NOW + 5 }), "refused");
  });

  it("refuses a message whose schema throws an error, and applies the others of its batch", async () => {
    const throwing = defineResource({
      name: "order",
      configuration: z.object({}),
      details: z.object({}).refine(() => {
        throw new RangeError("a bug in the schema");
      }),
      statuses: { ready: "Ready" },
      create: { status: "Waiting", external: true },
    });
    const results = await createServer(0, [machine, throwing]).apply([
      { message: statusMessage("order/1", "succeeded", { details: {} }), at: NOW },
      { message: progress("Booting"), at: NOW },
    ]);
    assert.deepEqual(
      results.map(({ result }) => result),
      ["refused", "applied"],
    );
  });

  it("counts what was applied and what was refused", async () => {
    const server = createServer();
    await server.apply([progress("Booting"), {}, progress("Checking"), 7].map((message) => ({ message, at: NOW })));
    assert.deepEqual(server.counts(), { applied: 2, refused: 2 });
  });

  it("rejects while the store is unavailable, so that all messages are redelivered", async () => {
    await store.close();
    await assert.rejects(createServer().apply([{ message: progress("Booting"), at: NOW }]), {
      code: "store-unavailable",
    });
    store = sqliteStore({ path: `${folder.path}/afoot.db` });
    await store.open({ policies, at: NOW, onFatal });
  });
});
