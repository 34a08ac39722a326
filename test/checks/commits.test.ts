import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findFault } from "../../scripts/check-commits.mjs";

describe("check:commits", () => {
  for (const subject of [
    "server: reject weak tags of other origins",
    "worker, core: keep the label of a step",
    "stores/postgres: process batches in id order",
    'Revert "server: reject weak tags"',
  ]) {
    it(`passes ${JSON.stringify(subject)}`, () => {
      assert.equal(findFault(subject), undefined);
    });
  }

  for (const [subject, fault] of [
    ["Find what is due by a function of its own", /area: imperative verb/],
    ["server: rejected weak tags", /"rejected" in place of the imperative/],
    ["server: rejecting weak tags", /"rejecting" in place of the imperative/],
    ["server: rejects weak tags", /"rejects" in place of the imperative/],
    ["server: Reject weak tags", /"Reject" in place of a verb in lower case/],
    ["server: reject", /area: imperative verb/],
    ["server: reject weak tags.", /full stop/],
    [`server: reject ${"weak ".repeat(20)}tags`, /119 characters; maximum: 72/],
  ] as const) {
    it(`finds the fault of ${JSON.stringify(subject)}`, () => {
      assert.match(findFault(subject) ?? "", fault);
    });
  }
});
