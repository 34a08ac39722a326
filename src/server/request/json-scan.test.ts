import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanJson, JsonSyntaxError } from "./json-scan.ts";

const DEPTH = 32;

function errorOf(text: string): string | undefined {
  try {
    scanJson(text, DEPTH);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof JsonSyntaxError, String(error));
    assert.ok(error.at >= 0 && error.at <= text.length);
    return error.message;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Messages with which scanJson rejects valid JSON. */
const BEYOND = /duplicated|__proto__|NUL|surrogate|a number has more|double|deeper/;

test("accepts every JSON text that JSON.stringify returns, except for texts that it rejects on purpose", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6, stringUnit: "binary" }), fc.constantFrom(undefined, 1, "\t"), (json, space) => {
      const fault = errorOf(JSON.stringify(JSON.parse(json), undefined, space));
      assert.ok(fault === undefined || BEYOND.test(fault), fault);
    }),
  );
});

test("rejects every text that JSON.parse rejects, and a few more: with a character changed, added or removed", () => {
  const character = fc.constantFrom(
    ..."{}[]:,\"\\ \n\t\u0001aeE+-.019tfnu/'".split(""),
    "null",
    "true",
    String.raw`\u0041`,
    "1e5",
    "\ud800",
    "é",
  );
  const changed = fc
    .tuple(fc.json({ maxDepth: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(2), character), { maxLength: 3 }))
    .map(([json, changes]) =>
      changes.reduce((text, [at, left, added]) => {
        const location = at % (text.length + 1);
        return text.slice(0, location) + added + text.slice(location + left);
      }, json),
    );
  fc.assert(
    fc.property(changed, (text) => {
      const fault = errorOf(text);
      if (fault === undefined) assert.ok(parses(text), text);
      else assert.ok(!parses(text) || BEYOND.test(fault), `${text}: ${fault}`);
    }),
    { numRuns: 3000 },
  );
});

test("accepts only numbers that a double represents exactly", () => {
  fc.assert(
    fc.property(fc.bigInt(), (integer) => {
      const text = String(integer);
      const isKept = BigInt(Number(text)) === integer || JSON.stringify(Number(text)) === text;
      assert.equal(errorOf(text) === undefined, isKept, text);
    }),
  );
  for (const [text, isTaken] of [
    ["1e308", true],
    ["1e309", false],
    ["-1e999", false],
    ["0.1", true],
    ["123456789012345680000", true],
    ["12345678901234567890", false],
    [`0.${"1".repeat(300)}`, true],
    ["9".repeat(500), false],
  ] as const) {
    assert.equal(errorOf(text) === undefined, isTaken, text);
  }
});

test("counts depth as nesting, not as width", () => {
  assert.equal(errorOf(`${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`), undefined);
  assert.match(errorOf(`${"[".repeat(DEPTH + 1)}${"]".repeat(DEPTH + 1)}`) ?? "", /deeper/);
  assert.equal(errorOf(`[${Array.from({ length: 1000 }, () => '{"a":[]}').join(",")}]`), undefined);
});
