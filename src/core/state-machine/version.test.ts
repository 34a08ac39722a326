import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Row } from "../../../test/core/row.ts";

/** Returns the growth of edit and version by a change. */
function growth(row: Row, change: () => void): [edit: number, version: number] {
  const { edit, version } = row.resource;
  change();
  return [row.resource.edit - edit, row.resource.version - version];
}

describe("edit and version", () => {
  test("claimed: the version, for the attempt may be shown", () => {
    const row = Row.created();
    assert.deepEqual(
      growth(row, () => row.claim()),
      [0, 1],
    );
  });

  test("progress: the version alone, so that it never turns an edit into a 412", () => {
    const row = Row.running();
    assert.deepEqual(
      growth(row, () => row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.5 })),
      [0, 1],
    );
  });

  test("progress that shows nothing new: neither", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.5 });
    assert.deepEqual(
      growth(row, () => row.applyAttemptEvent({ event: "progress", sequence: 2, progress: 0.5 })),
      [0, 0],
    );
  });

  for (const [name, more] of [
    ["label", { status: "Booting" }],
    ["details", { details: '{"ip":"::1"}' }],
  ] as const) {
    test(`another ${name}: both`, () => {
      const row = Row.running();
      assert.deepEqual(
        growth(row, () => row.applyAttemptEvent({ event: "progress", sequence: 1, ...more })),
        [1, 1],
      );
    });
  }

  test("other metadata: both", () => {
    const row = Row.running();
    const { creation, edit } = row.resource;
    assert.deepEqual(
      growth(row, () => row.applyEvent({ event: "annotated", creation, edit, metadata: '{"a":"b"}' })),
      [1, 1],
    );
  });

  test("a step, a message, a flag, a wait: neither, they show nowhere", () => {
    const row = Row.running();
    assert.deepEqual(
      growth(row, () => row.step("disk", "done")),
      [0, 0],
    );
    assert.deepEqual(
      growth(row, () => row.applyEvent({ event: "received", id: "m", name: "a", value: "1" })),
      [0, 0],
    );
    row.applyEvent({ event: "cancel-requested" });
    assert.deepEqual(
      growth(row, () => row.applyEvent({ event: "delete-requested", operation: "d" })),
      [0, 0],
    );
  });

  test("a cancel: both, because the label changes; repeated, neither", () => {
    const row = Row.running();
    const cancel = (): unknown => row.applyEvent({ event: "cancel-requested" });
    assert.deepEqual(
      [growth(row, cancel), growth(row, cancel)],
      [
        [1, 1],
        [0, 0],
      ],
    );
  });

  test("settled with the details already shown: both, because the label changes", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, details: '{"ip":"::1"}' });
    assert.deepEqual(
      growth(row, () => row.applyAttemptEvent({ event: "succeeded", details: '{"ip":"::1"}' })),
      [1, 1],
    );
  });

  test("a requested update: both, because the target is shown at once", () => {
    const row = Row.ready();
    assert.deepEqual(
      growth(row, () => row.accept({ kind: "update", configuration: '{"ram":2}' })),
      [1, 1],
    );
  });

  test("a visible change has its time", () => {
    const row = Row.created();
    row.now += 5;
    row.claim();
    assert.equal(row.resource.updatedAt, row.now);
    row.now += 5;
    row.step("disk", "done");
    assert.equal(row.resource.updatedAt, row.now - 5);
  });

  test("the instant of an update never goes back with a clock that does", () => {
    const row = Row.created();
    const { updatedAt } = row.resource;
    row.now -= 60_000;
    row.applyAttemptEvent({ event: "handed-back" });
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.resource.updatedAt, updatedAt);
  });
});
