import assert from "node:assert/strict";
import { it } from "node:test";
import { random } from "../../support/random.ts";
import { crashAfterCommit } from "./each-commit.ts";

it("leaves no orphan after a kill at any one commit of a family", async (context) => {
  const commit = 4 + Math.floor(random() * 24);
  const { died, faults } = await crashAfterCommit("deleted", commit);
  context.diagnostic(`commit ${commit}`);
  assert.ok(died);
  assert.deepEqual(faults, []);
});
