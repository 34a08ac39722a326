import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../http/problems.ts";
import { editOf, findState, matchesEdit, matchesTag, parseEntityTags, stateOf } from "./conditional.ts";

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
      assert.deepEqual(parseEntityTags(header, "If-Match"), {
        any: false,
        tags: list.map(([{ opaque: value }]) => value),
      });
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

test("undoes what compressing proxies do to a tag", () => {
  const forms = ["", "-gzip", "--gzip", "-br", "-zstd", "-deflate", ";gz", ";br"].flatMap((suffix) => [
    `"1.1-a.p0${suffix}"`,
    `W/"1.1-a.p0${suffix}"`,
  ]);
  for (const form of forms) {
    const list = parseEntityTags(`"other", ${form}`, "If-Match");
    assert.ok(list !== undefined);
    assert.deepEqual(
      { edit: matchesEdit(list, "1.1"), otherEdit: matchesEdit(list, "1.2"), tag: matchesTag(list, "1.1-a.p0") },
      { edit: true, otherEdit: false, tag: true },
      form,
    );
  }
});

test("takes a tag of 16 kB apart in one pass", () => {
  for (const part of ["-", "-gzi", "gzip-", ";", ".", "-gzip"]) {
    const list = parseEntityTags(`"${part.repeat(16_000 / part.length)}x"`, "If-Match");
    assert.ok(list !== undefined && !matchesEdit(list, "1.1"));
  }
});
