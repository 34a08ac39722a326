import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { action } from "../../../test/core/actions.ts";
import { OperationRun } from "../../../test/core/operation-run.ts";
import { policyWith } from "../../../test/core/row.ts";

// Everything that servers, workers, clients and reapers may say, in any order: from attempts that are over and attempts that are to
// come, twice, and never. What comes of it must be what the model says, and the invariants must hold throughout.

const policies = fc.constantFrom(
  policyWith(),
  policyWith({}, { attempts: 1, lostWorkers: 1 }),
  policyWith({}, { timeoutMs: 500_000, deadlineMs: 100_000 }),
  policyWith({}, { external: true }),
);
const courses = fc.record({
  policy: policies,
  isPrompt: fc.boolean(),
  actions: fc.array(action, { maxLength: 80, size: "max" }),
});

test("whatever is said, in whatever order, the machine does what its table says, keeps its invariants, and settles", () => {
  fc.assert(
    fc.property(courses, ({ policy, isPrompt, actions }) => {
      const course = new OperationRun(policy, isPrompt);
      for (const each of actions) course.go(each);
      course.finish();
    }),
    { numRuns: 2000 },
  );
});

test("the courses of the property meet every state and every way to end", () => {
  const met = new Set<string>();
  for (const { policy, isPrompt, actions } of fc.sample(courses, { numRuns: 2000, seed: 1 })) {
    const course = new OperationRun(policy, isPrompt);
    for (const each of actions) course.go(each);
    for (const name of course.met) met.add(name);
  }
  assert.deepEqual([...met].toSorted(), [
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
