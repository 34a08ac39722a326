import assert from "node:assert/strict";
import { it } from "node:test";
import { random } from "../../support/random.ts";
import { crashAfterCommit } from "./each-commit.ts";
import { familyRun } from "./family-run.ts";

// Small runs of npm run test:families.

it("keeps every promise to families over two kills", async (context) => {
  const { faults, ...counts } = await familyRun({ families: 14, kills: 2 });
  context.diagnostic(JSON.stringify(counts));
  assert.deepEqual(faults, []);
});

it("leaves no orphan after a kill at any one commit of a family", async (context) => {
  const commit = 4 + Math.floor(random() * 24);
  const { died, faults } = await crashAfterCommit("deleted", commit);
  context.diagnostic(`commit ${commit}`);
  assert.ok(died);
  assert.deepEqual(faults, []);
});
