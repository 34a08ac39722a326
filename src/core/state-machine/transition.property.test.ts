import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { action } from "../../../test/core/actions.ts";
import { OperationRun } from "../../../test/core/operation-run.ts";
import { policyWith } from "../../../test/core/row.ts";

// All events of servers, workers, clients and reapers in any order: from past and future attempts, repeated, and lost.
// The result must equal that of the model, and the invariants must hold throughout.

const policies = fc.constantFrom(
  policyWith(),
  policyWith({}, { attempts: 1, lostWorkers: 1 }),
  policyWith({}, { timeoutMs: 500_000, deadlineMs: 100_000 }),
  policyWith({}, { external: true }),
);
const runs = fc.record({
  policy: policies,
  isPrompt: fc.boolean(),
  actions: fc.array(action, { maxLength: 80, size: "max" }),
});

test("for any events in any order, the machine follows its table, keeps its invariants, and settles", () => {
  fc.assert(
    fc.property(runs, ({ policy, isPrompt, actions }) => {
      const run = new OperationRun(policy, isPrompt);
      for (const each of actions) run.run(each);
      run.finish();
    }),
    { numRuns: 2000 },
  );
});

test("the runs of the property reach every state and every way to end", () => {
  const seen = new Set<string>();
  for (const { policy, isPrompt, actions } of fc.sample(runs, { numRuns: 2000, seed: 1 })) {
    const run = new OperationRun(policy, isPrompt);
    for (const each of actions) run.run(each);
    for (const name of run.seen) seen.add(name);
  }
  assert.deepEqual([...seen].toSorted(), [
    "cancelled",
    "cancelling",
    "deadline-exceeded",
    "deleted",
    "failed",
    "pending",
    "running",
    "succeeded",
    "timed-out",
    "undo-incomplete",
    "undoing",
    "waiting",
    "work-failed",
    "worker-lost",
  ]);
});
