import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HistoryLine } from "afoot/client";
import { operationTimelines } from "./operation-timelines.ts";
import { tickOffsets } from "./ticks.ts";

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

describe("the timeline of an operation", () => {
  it("has consecutive phases, and steps that start at the end of the previous one", () => {
    const [timeline] = operationTimelines(
      lines(["accepted"], ["claimed"], ["step-done", "a"], ["step-started", "b"], ["step-done", "b"], ["succeeded"]),
    );
    assert.deepEqual(
      timeline?.phases.map(({ name, from, to }) => [name, from, to]),
      [
        ["queued", 0, 1000],
        ["running", 1000, 5000],
      ],
    );
    assert.deepEqual(
      timeline?.steps.map(({ step, state, from, to }) => [step, state, from, to]),
      [
        ["a", "done", 1000, 2000],
        ["b", "done", 3000, 4000],
      ],
    );
    assert.equal(timeline?.outcome, "succeeded");
  });

  it("counts failed attempts as tries, but not waits", () => {
    const [timeline] = operationTimelines(
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
      timeline?.phases.map(({ name, attempt, to }) => [name, attempt, to === undefined]),
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
      timeline?.steps.map(({ step, state, to }) => [step, state, to]),
      [["a", "running", undefined]],
    );
  });

  it("stays in the undoing phase until the end, across attempts", () => {
    const [timeline] = operationTimelines(
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
      timeline?.phases.map(({ name, to }) => [name, to]),
      [
        ["queued", 1000],
        ["running", 3000],
        ["undoing", 6000],
      ],
    );
  });

  it("lists the latest operation first", () => {
    const later = lines(["accepted"]).map((line) => ({ ...line, operation: "p" }));
    assert.deepEqual(
      operationTimelines([...lines(["accepted"], ["succeeded"]), ...later]).map(({ id }) => id),
      ["p", "o"],
    );
    assert.deepEqual(operationTimelines([]), []);
  });

  it("places ticks at round times", () => {
    assert.deepEqual(tickOffsets(14_000), [0, 5000, 10_000]);
    assert.deepEqual(tickOffsets(3), [0, 1, 2, 3]);
    for (const total of [1, 900, 61_000, 86_400_000 * 40]) assert.ok(tickOffsets(total).length <= 6);
  });
});
