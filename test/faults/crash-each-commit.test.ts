import assert from "node:assert/strict";
import { it } from "node:test";
import { crashAfter } from "./crash-after.ts";

/** Some of the commits. All of them take minutes: see crash-each-commit.long.test.ts. */
const COMMITS = [1, 4, 7, 10];

for (const commit of COMMITS) {
  it(`ends right though the process dies after commit ${commit} of it`, async () => {
    const { ended, died, faults } = await crashAfter("whole-undo", commit);
    assert.ok(died);
    assert.deepEqual(faults, [], JSON.stringify(ended.history, null, 1));
  });
}
