import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clockAdjustment, type ClockStep } from "./clock-step.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

describe("a clock step", () => {
  const first = (seenAt: number | undefined, at: number): ClockStep | undefined =>
    clockAdjustment({ seenAt, totalMs: 0 }, { at }).step;
  const later = (seenAt: number | undefined, at: number, expectedAt: number): ClockStep | undefined =>
    clockAdjustment({ seenAt, totalMs: 0 }, { at, expectedAt, totalMs: 0 }).step;

  it("is detected at a start only if the clock is behind the last instant seen", () => {
    assert.equal(first(undefined, NOW), undefined);
    assert.equal(first(NOW, NOW), undefined);
    assert.equal(first(NOW, NOW + 26 * HOUR), undefined, "the process may not have run for a day");
    assert.equal(first(NOW, NOW - 60_000), undefined, "drift");
    assert.deepEqual(first(NOW, NOW - 60_001), { byMs: -60_001 });
    assert.deepEqual(first(NOW, NOW - 26 * HOUR), { byMs: -26 * HOUR });
  });

  it("is detected in both directions by a running process", () => {
    assert.equal(later(NOW, NOW + 60_000, NOW), undefined);
    assert.deepEqual(later(NOW, NOW + HOUR, NOW), {
      byMs: HOUR,
      updatedBetween: [Number.MIN_SAFE_INTEGER, NOW + 60_000],
    });
    assert.deepEqual(later(NOW, NOW - HOUR, NOW + 5000), { byMs: -HOUR - 5000 });
    assert.deepEqual(later(undefined, NOW - HOUR, NOW), { byMs: -HOUR });
  });

  it("moves only recent rows back if another process has moved the others", () => {
    const back = clockAdjustment(
      { seenAt: NOW - HOUR, totalMs: -HOUR },
      { at: NOW - HOUR + 3000, expectedAt: NOW + 3000, totalMs: 0 },
    );
    assert.deepEqual(back, {
      step: { byMs: -HOUR, updatedBetween: [NOW - 27_000, NOW + 63_000] },
      stored: { seenAt: NOW - HOUR + 3000, totalMs: -HOUR },
      totalMs: -HOUR,
    });
    const forward = { at: NOW + HOUR, expectedAt: NOW, totalMs: 0 };
    assert.equal(clockAdjustment({ seenAt: NOW + HOUR, totalMs: HOUR }, forward).step, undefined);
  });

  it("moves by what is left of several steps that a suspended process detects as one", () => {
    // Another process has taken the first, forward by three hours, and not yet the second, back by four.
    const stored = { seenAt: NOW + 3 * HOUR, totalMs: 3 * HOUR };
    const suspended = clockAdjustment(stored, { at: NOW - HOUR, expectedAt: NOW, totalMs: 0 });
    assert.deepEqual(suspended, {
      step: { byMs: -4 * HOUR },
      stored: { seenAt: NOW - HOUR, totalMs: -HOUR },
      totalMs: -HOUR,
    });
    const reading = { at: NOW - HOUR, expectedAt: NOW + 3 * HOUR, totalMs: 3 * HOUR };
    const { step, totalMs } = clockAdjustment(suspended.stored, reading);
    assert.equal(totalMs, -HOUR);
    assert.deepEqual(
      step?.updatedBetween,
      [NOW + 3 * HOUR - 30_000, NOW + 3 * HOUR + 60_000],
      "nothing is moved twice",
    );
  });

  it("is not counted twice by a process whose reading is older than the step", () => {
    const stored = { seenAt: NOW + HOUR, totalMs: HOUR };
    const older = clockAdjustment(stored, { at: NOW, expectedAt: NOW, totalMs: 0 });
    assert.deepEqual({ step: older.step, totalMs: older.totalMs }, { step: undefined, totalMs: 0 });
    const next = clockAdjustment(older.stored, { at: NOW + HOUR + 5000, expectedAt: NOW + 5000, totalMs: 0 });
    assert.deepEqual({ step: next.step, totalMs: next.totalMs }, { step: undefined, totalMs: HOUR });
  });

  it("forward is left to the running processes by one that starts, which then knows of it", () => {
    const seenAfter = (seenAt: number | undefined, at: number): number | undefined =>
      clockAdjustment({ seenAt, totalMs: 0 }, { at }).stored.seenAt;
    assert.equal(seenAfter(undefined, NOW), NOW);
    assert.equal(seenAfter(NOW, NOW + 60_000), NOW + 60_000);
    assert.equal(seenAfter(NOW, NOW + HOUR), NOW);
    assert.equal(seenAfter(NOW, NOW - HOUR), NOW - HOUR);
    const taken = { seenAt: NOW + HOUR, totalMs: HOUR };
    const own = clockAdjustment(taken, { at: NOW + HOUR + 9000, expectedAt: NOW + HOUR + 9000, totalMs: 0 });
    assert.deepEqual(own, { step: undefined, stored: { ...taken, seenAt: NOW + HOUR + 9000 }, totalMs: HOUR });
  });
});
