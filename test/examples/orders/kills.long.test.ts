import assert from "node:assert/strict";
import { it } from "node:test";
import { shopRun } from "./shop-run.ts";

it("keeps the books balanced while its four processes are killed at random", async (context) => {
  const { lines, violations } = await shopRun({ orders: 48, kills: 6 });
  for (const line of lines) context.diagnostic(line);
  assert.deepEqual(violations, []);
});
