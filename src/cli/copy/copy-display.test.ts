import assert from "node:assert/strict";
import { it } from "node:test";
import { copyDisplay } from "./copy-display.ts";

const TABLES = [
  { name: "history", columns: [], rows: 3000 },
  { name: "resources", columns: [], rows: 1000 },
];

function shown(isTTY: boolean): string[] {
  const written: string[] = [];
  let now = 0;
  const display = copyDisplay({ isTTY, write: (text) => written.push(text) }, TABLES, () => now);
  const [history, resources] = TABLES;
  if (history === undefined || resources === undefined) throw new RangeError("no tables");
  display.show(history, 1000);
  now += 10;
  display.show(history, 2000);
  now += 90;
  display.show(history, 3000);
  now += 100;
  display.show(resources, 500);
  display.close();
  return written;
}

it("redraws one line, at most ten times a second", () => {
  assert.deepEqual(shown(true), [
    "\r\u001B[2Khistory  ██████░░░░░░░░░░░░░░░░░░   25%  1,000 of 4,000 rows",
    "\r\u001B[2Khistory  ██████████████████░░░░░░   75%  3,000 of 4,000 rows",
    "\r\u001B[2Kresources  █████████████████████░░░   87%  3,500 of 4,000 rows",
    "\r\u001B[2K",
  ]);
});

it("writes nothing unless the output is a terminal", () => {
  assert.deepEqual(shown(false), []);
});
