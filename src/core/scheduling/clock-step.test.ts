import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clockStepOf, seenAtAfter } from "./clock-step.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

describe("a clock step", () => {
  it("is detected at a start only if the clock is behind the last instant seen", () => {
    assert.equal(clockStepOf(undefined, { at: NOW }), undefined);
    assert.equal(clockStepOf(NOW, { at: NOW }), undefined);
    assert.equal(clockStepOf(NOW, { at: NOW + 26 * HOUR }), undefined, "the process may not have run for a day");
    assert.equal(clockStepOf(NOW, { at: NOW - 60_000 }), undefined, "drift");
    assert.deepEqual(clockStepOf(NOW, { at: NOW - 60_001 }), { byMs: -60_001 });
    assert.deepEqual(clockStepOf(NOW, { at: NOW - 26 * HOUR }), { byMs: -26 * HOUR });
  });

  it("is detected in both directions by a running process", () => {
    assert.equal(clockStepOf(NOW, { at: NOW + 60_000, expectedAt: NOW }), undefined);
    assert.deepEqual(clockStepOf(NOW, { at: NOW + HOUR, expectedAt: NOW }), {
      byMs: HOUR,
      updatedBetween: [Number.MIN_SAFE_INTEGER, NOW + 60_000],
    });
    assert.deepEqual(clockStepOf(NOW, { at: NOW - HOUR, expectedAt: NOW + 5000 }), { byMs: -HOUR - 5000 });
    assert.deepEqual(clockStepOf(undefined, { at: NOW - HOUR, expectedAt: NOW }), { byMs: -HOUR });
  });

  it("moves only recent rows back if another process has moved the others", () => {
    assert.deepEqual(clockStepOf(NOW - HOUR, { at: NOW - HOUR + 3000, expectedAt: NOW + 3000 }), {
      byMs: -HOUR,
      updatedBetween: [NOW - 27_000, NOW + 63_000],
    });
    assert.equal(clockStepOf(NOW + HOUR, { at: NOW + HOUR, expectedAt: NOW }), undefined);
  });

  it("forward is left to the running processes by one that starts", () => {
    assert.equal(seenAtAfter(undefined, { at: NOW }), NOW);
    assert.equal(seenAtAfter(NOW, { at: NOW + 60_000 }), NOW + 60_000);
    assert.equal(seenAtAfter(NOW, { at: NOW + HOUR }), NOW);
    assert.equal(seenAtAfter(NOW, { at: NOW - HOUR }), NOW - HOUR);
    assert.equal(seenAtAfter(NOW, { at: NOW + HOUR, expectedAt: NOW + HOUR }), NOW + HOUR);
  });
});
