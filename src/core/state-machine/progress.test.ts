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

  test("that would hold too much is refused and changes nothing", () => {
    const row = Row.running(policyWith({ maxBytes: 20 }));
    assert.equal(
      row.applyAttemptEvent({ event: "progress", sequence: 1, details: `"${"x".repeat(30)}"` }).code,
      "operation-too-large",
    );
    assert.equal(row.operation.sequence, 0);
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
    assert.equal(row.resource.status, "Provisioning");
  });
});
