import assert from "node:assert/strict";
import { test } from "node:test";
import { VerifiedTokens } from "./verified-tokens.ts";

const NOW = 1_000_000;
const late = { exp: NOW };

test("a token is remembered for a minute, and never beyond its time", () => {
  const tokens = new VerifiedTokens();
  assert.equal(tokens.recall("a", NOW), undefined);
  tokens.remember("a", late, NOW);
  tokens.remember("b", { exp: NOW / 1000 + 2 }, NOW);
  tokens.remember("c", { exp: NOW / 1000 - 1 }, NOW);
  tokens.remember("d", {}, NOW);
  assert.equal(tokens.recall("a", NOW + 59_999), late);
  assert.equal(tokens.recall("a", NOW + 60_000), undefined);
  assert.deepEqual(tokens.recall("b", NOW + 1999), { exp: NOW / 1000 + 2 });
  assert.equal(tokens.recall("b", NOW + 2000), undefined);
  assert.equal(tokens.recall("c", NOW), undefined);
  assert.equal(tokens.recall("d", NOW), undefined);
});

test("ten thousand are remembered at most, the latest", () => {
  const tokens = new VerifiedTokens();
  for (let token = 0; token <= 10_000; token++) tokens.remember(String(token), late, NOW);
  assert.equal(tokens.recall("0", NOW), undefined);
  assert.equal(tokens.recall("1", NOW), late);
  assert.equal(tokens.recall("10000", NOW), late);
});
