import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editOf, matchesTag, findState, parseEntityTags, stateOf } from "../request/conditional.ts";
import { negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { Refusal } from "./problems.ts";

const opaque = fc
  .string({ unit: fc.constantFrom(..."abc019._-!/*,;W ".split("")), maxLength: 20 })
  .map((text) => text.replaceAll(" ", ""));

test("reads back every list of entity tags", () => {
  const tag = fc.record({ opaque, weak: fc.boolean() }, { noNullPrototype: true });
  const separator = fc.constantFrom(",", ", ", " ,", ",,", " , ,");
  fc.assert(
    fc.property(fc.array(fc.tuple(tag, separator), { minLength: 1, maxLength: 5 }), (list) => {
      const header = list
        .map(([{ opaque: value, weak }, between]) => `${weak ? "W/" : ""}"${value}"${between}`)
        .join("");
      assert.deepEqual(parseEntityTags(header, "If-Match"), { any: false, tags: list.map(([given]) => given) });
    }),
  );
});

test("rejects a malformed list of entity tags, and never hangs on it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'"W/*, ab'.split("")), maxLength: 30 }), (header) => {
      try {
        parseEntityTags(header, "If-Match");
      } catch (error) {
        assert.ok(error instanceof Refusal && error.code === "invalid-header");
      }
    }),
  );
  assert.throws(() => parseEntityTags(`"a"${" ".repeat(50_000)}x`, "If-Match"), Refusal);
  assert.throws(() => parseEntityTags(" ,".repeat(50_000), "If-Match"), Refusal);
});

test("splits a tag into its parts", () => {
  assert.equal(editOf("1abc.4-9f8e.p0"), "1abc.4");
  assert.equal(stateOf("1abc.4-9f8e.p0"), "1abc.4-9f8e");
  assert.equal(stateOf("1abc.4-9f8e"), "1abc.4-9f8e");
  assert.deepEqual(
    { editOf: editOf("a-b.c.4-9f8e.p0"), stateOf: stateOf("a-b.c.4-9f8e.p0") },
    { editOf: "a-b.c.4", stateOf: "a-b.c.4-9f8e" },
    "however creations are named",
  );
  assert.equal(stateOf("none"), "none");
  const list = parseEntityTags('"1.1-a.p0", "1.1-b"', "If-None-Match");
  assert.ok(list !== undefined);
  assert.deepEqual([matchesTag(list, "1.1-a.p1"), matchesTag(list, "1.1-a.p0")], [false, true]);
  assert.deepEqual([findState(list, "1.1-a.p1"), findState(list, "1.1-c")], ["1.1-a.p0", undefined]);
});

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
