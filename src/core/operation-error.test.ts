import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createOperationError, isErrorCode, withValidCode } from "./operation-error.ts";
import { DEFAULT_PROBLEM_TYPES, problemType } from "./problem.ts";

const error = { code: "no-capacity", title: "Full", detail: "The rack is full.", retryable: true };

test("a valid code stays, with a title made from it", () => {
  assert.equal(withValidCode(error), error);
  assert.deepEqual(createOperationError("no-capacity", "The rack is full.", true), { ...error, title: "No capacity" });
  assert.equal(isErrorCode("a".repeat(64)), true);
});

test("an invalid code is replaced by work-failed, and kept in the detail", () => {
  const codes = [
    "Weird Code / \u0000 é",
    "",
    "NoCapacity",
    "no_capacity",
    "1st",
    "-a",
    "a".repeat(65),
    "a\n",
    "\ud800",
  ];
  for (const code of codes) {
    const { code: replaced, title, detail, retryable } = withValidCode({ ...error, code });
    assert.deepEqual([replaced, title, retryable], ["work-failed", "Work failed", true], JSON.stringify(code));
    assert.ok(
      detail.startsWith(error.detail) && detail.includes(JSON.stringify(code.toWellFormed()).slice(0, 60)),
      detail,
    );
  }
  assert.match(
    withValidCode({ ...error, code: "Weird Code / \u0000 é" }).detail,
    /full\. \(code "Weird Code \/ \\u0000 é"\)$/,
  );
});

test("every code makes a URI, and the detail keeps its limit", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary", maxLength: 3000, size: "max" }),
      (code, message) => {
        const created = withValidCode(createOperationError(code, message, false));
        assert.match(problemType(created.code, DEFAULT_PROBLEM_TYPES), /^urn:afoot:problem:[a-z][a-z0-9-]*$/);
        assert.ok(created.detail.length <= 2000);
        assert.ok(created.detail.isWellFormed());
      },
    ),
  );
});
