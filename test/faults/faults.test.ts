import assert from "node:assert/strict";
import { it } from "node:test";
import { faultRun } from "./fault-run.ts";

it("keeps every promise over ten kills", async (context) => {
  const { faults, ...counts } = await faultRun({ resources: 140, kills: 10 });
  context.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
});
