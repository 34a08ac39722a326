import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { temporaryFolder } from "../../../test/support/afoot-process.ts";
import { localBroker } from "../../brokers/local/index.ts";
import { create, numbered } from "../../conformance/store/fixture/changes.ts";
import { POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Notice } from "../../core/ports/messages.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { sqliteStore } from "../../stores/sqlite/index.ts";
import { createTelemetry } from "../../telemetry/telemetry.ts";
import { createCommit } from "./commit.ts";

describe("commit", () => {
  it("fails one bad change of a hundred alone, and announces the others together", async () => {
    await using folder = await temporaryFolder();
    const store = sqliteStore({ path: `${folder.path}/afoot.db` });
    await store.open({ policies: POLICIES, at: 0, onFatal: (error) => assert.fail(String(error)) });
    const broker = localBroker();
    await broker.open();
    const announced: (readonly Notice[])[] = [];
    const woken: string[] = [];
    broker.onNotice((notices) => announced.push(notices));
    broker.onWake(["widget"], () => woken.push("widget"));
    const observed: string[] = [];
    const commit = createCommit({
      store,
      broker,
      clock: systemClock,
      log: silentLog,
      onCommitted: ({ id }) => observed.push(id),
      metrics: createTelemetry().metrics,
    });
    const ids = numbered(100);
    const results = await Promise.allSettled(
      ids.map((id, index) => commit([create(id, index === 50 ? { operation: { owner: "\0" } } : {})])),
    );
    const good = ids.toSpliced(50, 1);
    assert.deepEqual(
      results.map(({ status }) => status),
      ids.map((_, index) => (index === 50 ? "rejected" : "fulfilled")),
    );
    assert.ok(
      results.some(
        (result) =>
          result.status === "rejected" && isAfootError(result.reason) && result.reason.code === "store-refused",
      ),
    );
    assert.deepEqual(observed, good);
    assert.deepEqual(
      announced.map((notices) => notices.map(({ id }) => id)),
      [good],
    );
    // Once before the commit, that a claim may share it, and once after it.
    assert.deepEqual(woken, ["widget", "widget"]);
    await broker.close();
    await store.close();
  });
});
