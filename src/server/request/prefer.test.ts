import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePrefer } from "./prefer.ts";

test("parses preferences, and ignores invalid ones", () => {
  const cases: readonly (readonly [string | undefined, number | undefined, boolean])[] = [
    [undefined, undefined, false],
    ["", undefined, false],
    ["wait=10", 10, false],
    ["wait = 10", 10, false],
    ['Wait="10"', 10, false],
    ["respond-async, wait=5; foo=bar, return=minimal", 5, true],
    ["return=representation, wait=0", 0, false],
    ["wait=5, wait=9", 5, false],
    ["wait=-1", undefined, false],
    ["wait=1.5", undefined, false],
    ["wait", undefined, false],
    ["wait=9999999999999", undefined, false],
    ['foo="a, wait=3", return=Minimal', undefined, true],
    [';;;=,,"', undefined, false],
  ];
  for (const [header, waitSeconds, minimal] of cases) {
    assert.deepEqual(parsePrefer(header), { waitSeconds, minimal }, header);
  }
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (header) => void parsePrefer(header)));
});
