import assert from "node:assert/strict";
import { it } from "node:test";
import { familyRun } from "./family-run.ts";

it("keeps every promise to families over two kills", async (context) => {
  const { faults, ...counts } = await familyRun({ families: 14, kills: 2 });
  context.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
});
