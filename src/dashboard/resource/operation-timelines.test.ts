import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HistoryLine } from "afoot/client";
import { coursesOf } from "./operation-timelines.ts";
import { ticksOf } from "./ticks.ts";

/** Lines of one operation, a second apart. */
function lines(...events: readonly (readonly [event: HistoryLine["event"], step?: string])[]): HistoryLine[] {
  return events.map(([event, step], index) => ({
    at: new Date(index * 1000).toISOString(),
    event,
    operation: "o",
    kind: "create",
    attempt: 1,
    ...(step === undefined ? {} : { step }),
  }));
}

describe("the course of an operation", () => {
  it("has phases one after the other, and steps that begin where the one before ended", () => {
    const [course] = coursesOf(
      lines(["accepted"], ["claimed"], ["step-done", "a"], ["step-started", "b"], ["step-done", "b"], ["succeeded"]),
    );
    assert.deepEqual(
      course?.phases.map(({ name, from, to }) => [name, from, to]),
      [
        ["queued", 0, 1000],
        ["running", 1000, 5000],
      ],
    );
    assert.deepEqual(
      course?.steps.map(({ step, state, from, to }) => [step, state, from, to]),
      [
        ["a", "done", 1000, 2000],
        ["b", "done", 3000, 4000],
      ],
    );
    assert.equal(course?.outcome, "succeeded");
  });

  it("counts tries by what failed, not by what waited", () => {
    const [course] = coursesOf(
      lines(
        ["accepted"],
        ["claimed"],
        ["waiting"],
        ["claimed"],
        ["attempt-failed"],
        ["claimed"],
        ["step-started", "a"],
      ),
    );
    assert.deepEqual(
      course?.phases.map(({ name, attempt, to }) => [name, attempt, to === undefined]),
      [
        ["queued", 1, false],
        ["running", 1, false],
        ["waiting", 1, false],
        ["running", 1, false],
        ["queued", 1, false],
        ["running", 2, true],
      ],
    );
    assert.deepEqual(
      course?.steps.map(({ step, state, to }) => [step, state, to]),
      [["a", "running", undefined]],
    );
  });

  it("undoes until the end, however often that is tried", () => {
    const [course] = coursesOf(
      lines(
        ["accepted"],
        ["claimed"],
        ["step-failed", "a"],
        ["undoing"],
        ["claimed"],
        ["step-undone", "a"],
        ["failed"],
      ),
    );
    assert.deepEqual(
      course?.phases.map(({ name, to }) => [name, to]),
      [
        ["queued", 1000],
        ["running", 3000],
        ["undoing", 6000],
      ],
    );
  });

  it("shows the latest first", () => {
    const later = lines(["accepted"]).map((line) => ({ ...line, operation: "p" }));
    assert.deepEqual(
      coursesOf([...lines(["accepted"], ["succeeded"]), ...later]).map(({ id }) => id),
      ["p", "o"],
    );
    assert.deepEqual(coursesOf([]), []);
  });

  it("marks time where it is read at a glance", () => {
    assert.deepEqual(ticksOf(14_000), [0, 5000, 10_000]);
    assert.deepEqual(ticksOf(3), [0, 1, 2, 3]);
    for (const total of [1, 900, 61_000, 86_400_000 * 40]) assert.ok(ticksOf(total).length <= 6);
  });
});
