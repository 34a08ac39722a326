import assert from "node:assert/strict";
import { test } from "node:test";
import { isSettled, settle } from "./settle.ts";

test("a result of settle is distinguished from details with the same fields", () => {
  const settled = settle("Stopped", { ip: "::1" });
  assert.deepEqual({ label: settled.label, details: settled.details }, { label: "Stopped", details: { ip: "::1" } });
  assert.ok(isSettled(settled));
  for (const details of [{ label: "Stopped", details: {} }, {}, null, undefined, "Stopped", []]) {
    assert.equal(isSettled(details), false);
  }
});
