import assert from "node:assert/strict";
import { test } from "node:test";
import { VerifiedTokens } from "./verified-tokens.ts";

const NOW = 1_000_000;
const late = { exp: NOW };

test("a token is cached for a minute, and never beyond its expiry", () => {
  const tokens = new VerifiedTokens();
  assert.equal(tokens.get("a", NOW), undefined);
  tokens.add("a", late, NOW);
  tokens.add("b", { exp: NOW / 1000 + 2 }, NOW);
  tokens.add("c", { exp: NOW / 1000 - 1 }, NOW);
  tokens.add("d", {}, NOW);
  assert.equal(tokens.get("a", NOW + 59_999), late);
  assert.equal(tokens.get("a", NOW + 60_000), undefined);
  assert.deepEqual(tokens.get("b", NOW + 1999), { exp: NOW / 1000 + 2 });
  assert.equal(tokens.get("b", NOW + 2000), undefined);
  assert.equal(tokens.get("c", NOW), undefined);
  assert.equal(tokens.get("d", NOW), undefined);
});

test("the latest ten thousand tokens are cached", () => {
  const tokens = new VerifiedTokens();
  for (let token = 0; token <= 10_000; token++) tokens.add(String(token), late, NOW);
  assert.equal(tokens.get("0", NOW), undefined);
  assert.equal(tokens.get("1", NOW), late);
  assert.equal(tokens.get("10000", NOW), late);
});
