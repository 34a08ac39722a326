import assert from "node:assert/strict";
import { it } from "node:test";
import { crashAfter } from "./crash-after.ts";

/** Exceeds the number of commits of one operation. The run in which the server survives all of them is the last one. */
const MOST_COMMITS = 100;

for (const behaviour of ["whole", "whole-undo"] as const) {
  it(`ends right though the process dies after any one commit of it: ${behaviour}`, async (context) => {
    let crashes = 0;
    for (let commit = 1; commit < MOST_COMMITS; commit++) {
      const { ended, died, faults } = await crashAfter(behaviour, commit);
      assert.deepEqual(faults, [], `after commit ${commit}: ${JSON.stringify(ended.history, null, 1)}`);
      if (!died) break;
      crashes += 1;
    }
    context.diagnostic(`${crashes} crashes, each after another commit`);
    assert.ok(crashes >= 10, `the operation made ${crashes} commits only`);
  });
}
