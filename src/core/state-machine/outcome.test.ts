import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";

describe("outcome", () => {
  test("a failed update goes back to the label, configuration and details before, plus error", () => {
    const row = Row.ready();
    row.accept({ kind: "update", configuration: '{"ram":2}' });
    row.claim();
    row.applyAttemptEvent({ event: "progress", sequence: 1, details: '{"ip":"::2"}' });
    row.fail(false);
    const { status, configuration, details, error } = row.resource;
    assert.deepEqual(
      { status, configuration, details },
      { status: "Ready", configuration: '{"ram":1}', details: '{"ip":"::1"}' },
    );
    assert.equal(error?.code, "work-failed");
  });

  test("a failed update of a type with failedAfterChange shows the failed label, a cancelled one does not", () => {
    const row = Row.ready(policyWith({ failedAfterChange: true }));
    row.accept({ kind: "update" });
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.resource.status, "Ready");
    row.accept({ kind: "update" });
    row.claim();
    row.fail(false);
    assert.equal(row.resource.status, "Failed");
  });

  test("the error goes when the next operation is accepted", () => {
    const row = Row.ready();
    row.accept({ kind: "stop" });
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.resource.error?.code, "cancelled");
    row.accept({ kind: "stop" });
    assert.equal(row.resource.error, null);
  });

  test("the history ends with the outcome, the label shown, and what went wrong", () => {
    const row = Row.ready();
    row.accept({ kind: "update" });
    row.claim();
    row.fail(false);
    const ends = row.history.filter(({ event }) => event === "succeeded" || event === "failed");
    assert.deepEqual(
      ends.map(({ event, status, error }) => [event, status, error?.code]),
      [
        ["succeeded", "Ready", undefined],
        ["failed", "Ready", "work-failed"],
      ],
    );
  });

  test("only success makes the target configuration the resource's", () => {
    const row = Row.ready();
    row.accept({ kind: "update", configuration: '{"ram":2}', rawConfiguration: '{"ram": 2}' });
    assert.equal(row.resource.configuration, '{"ram":1}');
    row.claim();
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.equal(row.resource.configuration, '{"ram":2}');
    assert.equal(row.resource.rawConfiguration, '{"ram": 2}');
  });
});
