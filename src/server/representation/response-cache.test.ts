import assert from "node:assert/strict";
import { it } from "node:test";
import { Row } from "../../../test/core/row.ts";
import type { Resource } from "../../core/resource.ts";
import { CachedGet, ResponseCache } from "./response-cache.ts";

const TIMING = { seconds: undefined, retryAfter: 1 };
const resource = Row.running().resource;

it("builds a response once for each version and time remaining", () => {
  const cache = new ResponseCache();
  let built = 0;
  const tagOf = (row: Resource, timing = TIMING): string =>
    cache.get(
      row,
      timing,
      () => new CachedGet(String(++built), { status: 200, headers: [] }, () => assert.fail("no request needed it")),
    ).tag;
  assert.deepEqual({ first: tagOf(resource), second: tagOf({ ...resource }) }, { first: "1", second: "1" });
  assert.equal(tagOf({ ...resource, version: resource.version + 1 }), "2");
  assert.equal(tagOf(resource, { ...TIMING, retryAfter: 2 }), "3");
  // The same id with another type, and with another creation.
  assert.equal(tagOf({ ...resource, type: "another" }), "4");
  assert.equal(tagOf({ ...resource, creation: "another" }), "5");
});

it("builds the 304 response once, on first access", () => {
  let built = 0;
  const response = new CachedGet("a", { status: 200, headers: [] }, () => ({
    status: 304,
    headers: [String(++built)],
  }));
  assert.equal(built, 0);
  assert.deepEqual([response.notModified.headers, response.notModified.headers], [["1"], ["1"]]);
});
