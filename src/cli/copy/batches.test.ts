import assert from "node:assert/strict";
import { it } from "node:test";
import { batches } from "./batches.ts";

function sizesOf(rows: readonly (readonly unknown[])[]): number[] {
  return [...batches(rows)].map((batch) => batch.length);
}

it("groups a thousand rows, and yields every row once", () => {
  const rows = Array.from({ length: 2500 }, (_, index) => [index, "text"]);
  assert.deepEqual(sizesOf(rows), [1000, 1000, 500]);
  assert.deepEqual([...batches(rows)].flat(), rows);
  assert.deepEqual(sizesOf([]), []);
});

it("limits a batch to four million characters, or one larger row", () => {
  const large = "x".repeat(1_500_000);
  assert.deepEqual(sizesOf([[large], [large], [large], [large], ["x"]]), [3, 2]);
  assert.deepEqual(sizesOf([[large.repeat(3)], ["x"], [large.repeat(3)]]), [1, 2]);
});

it("reads rows lazily, one batch at a time", () => {
  let read = 0;
  function* rows(): Generator<readonly unknown[]> {
    for (;;) yield [(read += 1)];
  }
  batches(rows()).next();
  assert.equal(read, 1000);
});
