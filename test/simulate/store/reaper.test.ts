import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POLICY, type Policies } from "../../../src/core/policy.ts";
import { silentLog } from "../../../src/core/ports/log.ts";
import { createReaper } from "../../../src/server/workers/reaper.ts";
import { SteppedClock } from "../../support/stepped-clock.ts";
import { MemoryDatabase } from "./database.ts";
import { memoryStore } from "./memory-store.ts";

const HOUR = 3_600_000;

const POLICIES: Policies = new Map([
  [
    "nap",
    {
      ...{ type: "nap", ready: ["Awake"], failed: "Failed", cancelled: "Cancelled", cancelling: "Cancelling" },
      ...{ failedAfterChange: false, maxBytes: 1000, redact: [] },
      kinds: { create: { ...DEFAULT_POLICY, status: "Asleep", deadlineMs: HOUR } },
    },
  ],
]);

// Found by the simulation, with seed 100 and 150 operations.
test("a server that has not noticed yet that the clock was set back ends nothing", async () => {
  const clock = new SteppedClock();
  let behindMs = 0;
  const store = memoryStore(new MemoryDatabase(), () => clock.now() - behindMs);
  await store.open({ policies: POLICIES, at: clock.now(), onFatal: assert.ifError });
  const accept = { id: "o", kind: "create", configuration: "{}", rawConfiguration: "{}" };
  await store.apply([
    {
      ...{ change: "accept", key: { type: "nap", id: "n" }, expect: "absent", operation: accept },
      ...{ at: clock.now(), random: 0.5 },
    },
  ]);
  const reaper = createReaper({ store, commit: (changes) => store.apply(changes), clock, log: silentLog });

  clock.advance(2 * HOUR);
  behindMs = 2 * HOUR;
  assert.equal(await reaper.reap(), 0);
  behindMs = 0;
  assert.equal(await reaper.reap(), 1);
});
