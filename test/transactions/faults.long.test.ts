import assert from "node:assert/strict";
import { it } from "node:test";
import { pgBouncerMissing } from "../support/pgbouncer.ts";
import { postgresMissing } from "../support/postgres.ts";
import { transactionsRun } from "./faults/transactions-run.ts";

const missing = await postgresMissing();
const skip = missing === false ? pgBouncerMissing() : missing;

it("business rows and resources agree after kills, through a pooler", { skip }, async (context) => {
  const report = await transactionsRun({ transactions: 60, kills: 2, version: 15, isPooled: true });
  context.diagnostic(JSON.stringify(report));
  assert.deepEqual(report.faults, []);
  assert.equal(report.agreeing, 60);
  assert.ok(report.delivered > 0);
});
