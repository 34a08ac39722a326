import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { postgresMissing } from "../support/postgres.ts";
import { killRun } from "./kill-run.ts";

// A small run of `npm run test:webhooks`. On PostgreSQL, the lease of the killed worker must expire, so both run at once.
const skip = await postgresMissing();

describe("each event arrives although the process dies between settle and send", { concurrency: 2 }, () => {
  it("on SQLite", async () => {
    const { delivered, kills, faults } = await killRun({ runs: 3, store: "sqlite" });
    assert.deepEqual([delivered, kills, faults], [3, 3, []]);
  });

  it("on PostgreSQL", { skip }, async () => {
    const { delivered, kills, faults } = await killRun({ runs: 1, store: "postgres" });
    assert.deepEqual([delivered, kills, faults], [1, 1, []]);
  });
});
