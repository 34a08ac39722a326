import assert from "node:assert/strict";
import { it } from "node:test";
import { batches } from "./batches.ts";

function sizesOf(rows: readonly (readonly unknown[])[]): number[] {
  return [...batches(rows)].map((batch) => batch.length);
}

it("brings a thousand rows together, and gives every row once", () => {
  const rows = Array.from({ length: 2500 }, (_, index) => [index, "text"]);
  assert.deepEqual(sizesOf(rows), [1000, 1000, 500]);
  assert.deepEqual([...batches(rows)].flat(), rows);
  assert.deepEqual(sizesOf([]), []);
});

it("brings no more together than four million characters, and one row that is larger", () => {
  const large = "x".repeat(1_500_000);
  assert.deepEqual(sizesOf([[large], [large], [large], [large], ["x"]]), [3, 2]);
  assert.deepEqual(sizesOf([[large.repeat(3)], ["x"], [large.repeat(3)]]), [1, 2]);
});

it("asks for the rows of a batch as they are needed, not for all of them", () => {
  let asked = 0;
  function* rows(): Generator<readonly unknown[]> {
    for (;;) yield [(asked += 1)];
  }
  batches(rows()).next();
  assert.equal(asked, 1000);
});
