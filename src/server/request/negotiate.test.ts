import assert from "node:assert/strict";
import { test } from "node:test";
import { negotiate } from "./negotiate.ts";

test("the most specific range of Accept decides, then the weight, then the order of the available types", () => {
  const both = ["application/json", "text/event-stream"] as const;
  const chosen = (accept: string): string => {
    try {
      return negotiate(accept, both);
    } catch {
      return "none";
    }
  };
  assert.equal(chosen("*/*"), "application/json");
  assert.equal(chosen("text/event-stream"), "text/event-stream");
  assert.equal(chosen("text/event-stream, application/json"), "application/json");
  assert.equal(chosen("text/event-stream, application/json;q=0.9"), "text/event-stream");
  assert.equal(chosen("*/*;q=0.1, application/json;q=0, text/event-stream;q=0"), "none");
  assert.equal(chosen("application/json;q=0, */*"), "text/event-stream");
  assert.equal(chosen("application/json; charset=utf-8; q=0.5"), "application/json");
});
