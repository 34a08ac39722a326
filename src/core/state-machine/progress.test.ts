import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";

describe("progress", () => {
  test("is ordered by its sequence and never goes back within an attempt", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 2, progress: 0.5, status: "Booting" });
    assert.equal(
      row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.1, status: "Allocating" }).outcome,
      "dropped",
    );
    assert.equal(row.applyAttemptEvent({ event: "progress", sequence: 2, progress: 0.9 }).outcome, "dropped");
    row.applyAttemptEvent({ event: "progress", sequence: 3, progress: 0.2 });
    assert.equal(row.operation.progress, 0.5);
    assert.equal(row.resource.status, "Booting");
  });

  test("with details that are too large keeps those before, and applies the rest", () => {
    const row = Row.running(policyWith({ maxBytes: 20 }));
    row.applyAttemptEvent({ event: "progress", sequence: 1, details: '{"a":1}' });
    row.applyAttemptEvent({ event: "progress", sequence: 2, progress: 0.5, details: `"${"x".repeat(30)}"` });
    const { sequence, progress, details } = row.operation;
    assert.deepEqual({ sequence, progress, details }, { sequence: 2, progress: 0.5, details: '{"a":1}' });
  });

  test("with a label of settled resources keeps the label before", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, status: "Booting" });
    for (const [index, status] of ["Ready", "Failed", "Cancelled"].entries()) {
      row.applyAttemptEvent({ event: "progress", sequence: index + 2, status });
      assert.equal(row.resource.status, "Booting");
    }
  });

  test("keeps the latest value of every field, and a label once", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, status: "Booting", estimatedEndAt: 5, details: '{"a":1}' });
    row.applyAttemptEvent({ event: "progress", sequence: 2, progress: 0.5, status: "Booting" });
    const { estimatedEndAt, details, progress } = row.operation;
    assert.deepEqual(
      { estimatedEndAt, details, progress, status: row.resource.status },
      { estimatedEndAt: 5, details: '{"a":1}', progress: 0.5, status: "Booting" },
    );
    assert.deepEqual(
      row.history.filter(({ event }) => event === "status").map(({ status }) => status),
      ["Booting"],
    );
  });

  test("of a cancelled attempt no longer changes the label", () => {
    const row = Row.running();
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "progress", sequence: 1, status: "Booting" });
    assert.equal(row.resource.status, "Cancelling");
  });
});
