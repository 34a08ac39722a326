import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isJsonObject } from "../../core/json/json.ts";
import { mergePatch, equalsJson } from "./merge-patch.ts";

test("merges as the examples of RFC 7396 do", () => {
  const examples: readonly (readonly [target: string, patch: string, result: string])[] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', "{}"],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', "null", "null"],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
    ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ];
  for (const [target, patch, result] of examples) {
    assert.equal(JSON.stringify(mergePatch(JSON.parse(target), JSON.parse(patch))), result);
  }
});

const json = fc.jsonValue({ maxDepth: 4 });

test("merged twice is merged once, and neither value is changed", () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = mergePatch(target, patch);
      assert.ok(equalsJson(mergePatch(once, patch), once));
      assert.equal(JSON.stringify([target, patch]), before);
    }),
  );
});

test("equalsJson ignores the order of names, and nothing else", () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      assert.ok(equalsJson(one, reversed(one)));
      const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      assert.equal(equalsJson(one, other), isSame);
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  // JSON knows one zero.
  if (!isJsonObject(value)) return value === 0 ? 0 : value;
  const entries = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
  // An object without names is no empty array.
  return { entries };
}
