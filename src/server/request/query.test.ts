import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listParameter, parseQuery } from "./query.ts";

function listed(query: string, whole: readonly string[] = []): readonly string[] | undefined {
  return listParameter(parseQuery(query, ["status"]), "status", new Set(whole));
}

describe("a list parameter", () => {
  it("splits at commas, also at encoded ones", () => {
    const asEncoded = new URLSearchParams({ status: "Ready,In progress" }).toString();
    for (const query of ["status=Ready,In+progress", "status=Ready,In%20progress", asEncoded]) {
      assert.deepEqual(listed(query), ["Ready", "In progress"]);
    }
  });

  it("accepts a declared value that contains a comma", () => {
    const label = "Ready, at last";
    assert.deepEqual(listed("status=Ready%2C%20at%20last", [label]), [label]);
    assert.deepEqual(listed("status=Stopped,Ready%2C%20at%20last", [label]), ["Stopped", label]);
  });

  it("rejects an empty value", () => {
    for (const query of ["status=", "status=a,,b", "status=a%2C"]) {
      assert.throws(() => listed(query), /status: a value is empty/);
    }
  });

  it("is undefined if absent", () => assert.equal(listed(""), undefined));
});
