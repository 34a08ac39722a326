import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AfootError,
  DefinitionError,
  isAfootError,
  PermanentError,
  StoreUnavailableError,
  WorkError,
} from "./errors.ts";

test("an error of another copy of the package is recognized", async () => {
  const copy = (await import(`./errors.ts?copy=${import.meta.filename}`)) as { PermanentError: typeof PermanentError };
  const foreign: unknown = new copy.PermanentError("no such disk");
  assert.equal(foreign instanceof AfootError, false, "the copy has classes of its own");
  assert.ok(isAfootError(foreign));
  assert.equal(foreign.code, "work-failed");
});

test("any other value is no Afoot error", () => {
  for (const other of [new Error("x"), { code: "work-failed" }, null, undefined, "x", 1, () => {}]) {
    assert.equal(isAfootError(other), false);
  }
});

test("each class has its literal name, its code and its cause", () => {
  const cause = new Error("ENOSPC");
  for (const [error, name, code] of [
    [new AfootError("overloaded", "m", { cause }), "AfootError", "overloaded"],
    [new DefinitionError("m", { cause }), "DefinitionError", "invalid-definition"],
    [new WorkError("m", { cause }), "WorkError", "work-failed"],
    [new WorkError("m", { cause, code: "no-quota" }), "WorkError", "no-quota"],
    [new PermanentError("m", { cause }), "PermanentError", "work-failed"],
    [new StoreUnavailableError("m", { cause }), "StoreUnavailableError", "store-unavailable"],
  ] as const) {
    assert.deepEqual(
      { name: error.name, code: error.code, message: error.message, cause: error.cause },
      { name, code, message: "m", cause },
    );
    assert.match(String(error), new RegExp(`^${name}: m`));
  }
});

test("a permanent error is not retried, any other of work is", () => {
  assert.equal(new WorkError("m").retryable, true);
  assert.equal(new PermanentError("m").retryable, false);
});
