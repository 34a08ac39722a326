import assert from "node:assert/strict";
import { it } from "node:test";
import { Row } from "../../../test/core/row.ts";
import type { Resource } from "../../core/resource.ts";
import { CachedGet, ResponseCache } from "./response-cache.ts";

const TIMING = { seconds: undefined, retryAfter: 1 };
const resource = Row.running().resource;

it("builds an answer once for a version and what is said of the time remaining", () => {
  const known = new ResponseCache();
  let built = 0;
  const answered = (row: Resource, timing = TIMING): string =>
    known.answer(
      row,
      timing,
      () => new CachedGet(String(++built), { status: 200, headers: [] }, () => assert.fail("nobody asked")),
    ).tag;
  assert.deepEqual(
    { resourceAnswered: answered(resource), valueAnswered: answered({ ...resource }) },
    { resourceAnswered: "1", valueAnswered: "1" },
  );
  assert.equal(answered({ ...resource, version: resource.version + 1 }), "2");
  assert.equal(answered(resource, { ...TIMING, retryAfter: 2 }), "3");
  // The same id, of another type and of another creation.
  assert.equal(answered({ ...resource, type: "another" }), "4");
  assert.equal(answered({ ...resource, creation: "another" }), "5");
});

it("builds what says that nothing has changed once, when it is asked for", () => {
  let built = 0;
  const answer = new CachedGet("a", { status: 200, headers: [] }, () => ({ status: 304, headers: [String(++built)] }));
  assert.equal(built, 0);
  assert.deepEqual([answer.notModified.headers, answer.notModified.headers], [["1"], ["1"]]);
});
