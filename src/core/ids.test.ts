import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createId } from "./ids.ts";

const instant = fc.integer({ min: 0, max: 32 ** 9 - 1 });

test("an id made later sorts later, byte by byte, as stores compare", () => {
  fc.assert(
    fc.property(instant, instant, (one, two) => {
      fc.pre(one !== two);
      const [earlier, later] = [createId(Math.min(one, two)), createId(Math.max(one, two))];
      assert.ok(Buffer.compare(Buffer.from(earlier), Buffer.from(later)) < 0);
    }),
  );
});

test("an id is 22 characters that need no escape in a path and can be read aloud", () => {
  fc.assert(
    fc.property(instant, (now) => {
      assert.match(createId(now), /^[0-9a-hjkmnp-tv-z]{22}$/);
    }),
  );
});

test("ids of one millisecond are unique, over many blocks of random bytes", () => {
  const ids = new Set(Array.from({ length: 100_000 }, () => createId(1_763_800_000_000)));
  assert.equal(ids.size, 100_000);
});
