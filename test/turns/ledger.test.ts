import assert from "node:assert/strict";
import { it } from "node:test";
import { runningAtOnce } from "./ledger.ts";

it("the check finds one operation too many", () => {
  const line = { tenant: "a", parent: 0, at: 0 };
  const lines = [
    { ...line, what: "begun", id: "1", pid: 1 },
    { ...line, what: "begun", id: "2", pid: 2 },
    { ...line, what: "killed", id: "", pid: 1 },
    { ...line, what: "begun", id: "3", pid: 2 },
  ] as const;
  assert.deepEqual(runningAtOnce(lines, 2), { most: 2, faults: [] });
  assert.deepEqual(runningAtOnce([{ ...lines[0], pid: 3, parent: 1 }, ...lines.slice(1)], 2).most, 2);
  assert.deepEqual(runningAtOnce(lines.toSpliced(2, 1), 2).faults, ["3 of a at once: 1, 2, 3"]);
});
