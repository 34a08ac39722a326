import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attemptPauseMs, type Backoff, backoffMs, DEFAULT_BACKOFF } from "./backoff.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const duration = fc.double({ min: 0.001, max: 1e12, noNaN: true });

test("each pause is between half of its step and the whole of it", () => {
  for (const [tries, step] of [
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [7, 60_000],
    [1000, 60_000],
  ] as const) {
    assert.equal(backoffMs(DEFAULT_BACKOFF, tries, 0), step / 2);
    assert.equal(backoffMs(DEFAULT_BACKOFF, tries, 1 - Number.EPSILON), step);
  }
});

test("whatever is declared, a pause is a whole number of milliseconds within its bounds", () => {
  const backoffs: fc.Arbitrary<Backoff> = fc.record({
    initialMs: duration,
    factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
    maxMs: duration,
  });
  fc.assert(
    fc.property(backoffs, fc.integer({ min: 1, max: 1_000_000 }), random, (backoff, tries, draw) => {
      const pause = backoffMs(backoff, tries, draw);
      assert.ok(Number.isSafeInteger(pause) && pause >= 0 && pause <= Math.ceil(backoff.maxMs), String(pause));
    }),
  );
});

test("pauses do not shrink with more tries", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), random, (tries, draw) => {
      assert.ok(backoffMs(DEFAULT_BACKOFF, tries + 1, draw) >= backoffMs(DEFAULT_BACKOFF, tries, draw));
    }),
  );
});

test("uses exact pauses, and repeats the last one", () => {
  const backoff = { ...DEFAULT_BACKOFF, pausesMs: [5000, 30_000] };
  assert.deepEqual(
    [1, 2, 3].map((tries) => attemptPauseMs(backoff, tries, 0.7)),
    [5000, 30_000, 30_000],
  );
});
