import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createId } from "../../core/ids.ts";
import { idempotencyKey } from "./step-name.ts";

const root = fc.oneof(
  fc.nat().map((now) => createId(now)),
  fc.constantFrom("r1", "operation", "a-b", "a_b", "x".repeat(80), "a:b"),
);
const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" }),
  fc.constantFrom("boot", "1-boot", "-1-boot", "boot-1", "a_b", "b".repeat(42), "b".repeat(41), "b".repeat(200)),
);
const generation = fc.nat({ max: 20 });

suite("an idempotency key", () => {
  test("can be read where names are short", () => {
    assert.equal(idempotencyKey("01jx", "allocate-disk", 0), "01jx-allocate-disk");
    assert.equal(idempotencyKey("01jx", "allocate-disk", 2), "01jx--2-allocate-disk");
  });

  test("has at most 64 letters, digits, dashes and underscores", () => {
    fc.assert(
      fc.property(root, name, generation, (...parts) => {
        assert.match(idempotencyKey(...parts), /^[A-Za-z0-9_-]{1,64}$/);
      }),
    );
  });

  test("differs for another operation, step or undo", () => {
    const parts = fc.tuple(root, name, generation);
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = one.every((part, index) => part === other[index]);
        assert.equal(idempotencyKey(...one) === idempotencyKey(...other), isSame);
      }),
      { numRuns: 2000 },
    );
  });
});
