import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineResource } from "./define-resource.ts";

const least = {
  name: "import",
  configuration: z.object({ region: z.string() }),
  details: z.object({}),
  statuses: { ready: "Imported" },
  create: { status: "Importing", work: () => ({}) },
} as const;

const per = ({ owner }: { readonly owner: string }): string => owner;

test("a number limits a worker, and nothing else", () => {
  const type = defineResource({ ...least, concurrency: 7 });
  assert.deepEqual([type.concurrency, type.turnOf, "turnLimit" in type.policy], [7, undefined, false]);
});

test("a limit per key is part of the policy, and the key of the type", () => {
  const type = defineResource({ ...least, concurrency: { per, limit: 2 } });
  assert.deepEqual([type.concurrency, type.turnOf, type.policy.turnLimit], [100, per, 2]);
  assert.equal(defineResource({ ...least, concurrency: { per, limit: 2, perWorker: 7 } }).concurrency, 7);
});

for (const [concurrency, message] of [
  [{ limit: 2 }, /^import: concurrency\.per: give a function that returns the key/],
  [{ per }, /^import: concurrency\.limit: undefined is not a whole number above zero/],
  [{ per, limit: 1, perWorker: 0.5 }, /^import: concurrency\.perWorker: 0\.5 is not a whole number/],
  [null, /^import: concurrency: null is not a whole number/],
] as const) {
  test(`concurrency ${JSON.stringify(concurrency)} is refused`, () => {
    const declaration: unknown = { ...least, concurrency };
    assert.throws(() => defineResource(declaration as typeof least), { name: "DefinitionError", message });
  });
}
