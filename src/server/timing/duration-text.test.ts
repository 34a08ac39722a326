import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { coarseSeconds, remainingJson } from "./duration-text.ts";

test("rounds times as people do", () => {
  const cases: readonly (readonly [ms: number, text: string, iso: string])[] = [
    [0, "5 seconds", "PT5S"],
    [41_000, "45 seconds", "PT45S"],
    [56_000, "1 minute", "PT1M"],
    [14.2 * 60_000, "15 minutes", "PT15M"],
    [59.5 * 60_000, "1 hour", "PT1H"],
    [62 * 60_000, "1 hour, 5 minutes", "PT1H5M"],
    [7 * 3_600_000, "7 hours", "PT7H"],
    [23.9 * 3_600_000, "1 day", "P1D"],
    [26.5 * 3_600_000, "1 day, 3 hours", "P1DT3H"],
    [9.5 * 86_400_000, "10 days", "P10D"],
  ];
  for (const [ms, text, iso] of cases) {
    const seconds = coarseSeconds(ms);
    assert.equal(remainingJson(seconds, "text"), `"${text}"`);
    assert.equal(remainingJson(seconds, "iso8601"), `"${iso}"`);
    assert.equal(remainingJson(seconds, "seconds"), String(seconds));
  }
});

const span = fc.double({ min: 0, max: 400 * 86_400_000, noNaN: true });

test("never shows less than remains, and never more while time passes", () => {
  fc.assert(
    fc.property(span, span, (one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      assert.ok(coarseSeconds(less) <= coarseSeconds(more));
      assert.ok(coarseSeconds(more) * 1000 >= more);
      assert.equal(coarseSeconds(coarseSeconds(more) * 1000), coarseSeconds(more));
    }),
  );
});

test("different times are different texts", () => {
  fc.assert(
    fc.property(span, span, (one, other) => {
      const [a, b] = [coarseSeconds(one), coarseSeconds(other)];
      for (const style of ["text", "iso8601", "seconds"] as const) {
        assert.equal(remainingJson(a, style) === remainingJson(b, style), a === b);
      }
    }),
  );
});
