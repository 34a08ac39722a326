import assert from "node:assert/strict";
import { it } from "node:test";
import { embeddedStatus } from "../../src/client/following/reading.ts";

/** A pattern with quadratic time needs minutes for this many characters. */
const LONG = 400_000;

it("no response of a server occupies a client by the pattern that reads it", { timeout: 20_000 }, () => {
  const headers = new Headers();
  for (const progress of [`5${" ".repeat(LONG)}x`, `${" ".repeat(LONG)}x`, `${"5".repeat(LONG)}x`, "5-".repeat(LONG)]) {
    assert.equal(embeddedStatus({ status: "Ready", progress }, headers).progress, undefined);
  }
  for (const progress of ["50%", " 50 % ", "50 %", "0.5", 0.5]) {
    assert.equal(embeddedStatus({ status: "Busy", progress }, headers).progress, 0.5);
  }
});
