import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listParameter, parseQuery } from "./query.ts";

function listed(query: string, whole: readonly string[] = []): readonly string[] | undefined {
  return listParameter(parseQuery(query, ["status"]), "status", new Set(whole));
}

describe("a parameter that takes several values", () => {
  it("takes them joined by commas, also by those of a client that encodes every value", () => {
    const asEncoded = new URLSearchParams({ status: "Ready,In progress" }).toString();
    for (const query of ["status=Ready,In+progress", "status=Ready,In%20progress", asEncoded]) {
      assert.deepEqual(listed(query), ["Ready", "In progress"]);
    }
  });

  it("takes a value that has a comma in it, where there is one", () => {
    const label = "Ready, at last";
    assert.deepEqual(listed("status=Ready%2C%20at%20last", [label]), [label]);
    assert.deepEqual(listed("status=Stopped,Ready%2C%20at%20last", [label]), ["Stopped", label]);
  });

  it("refuses an empty one", () => {
    for (const query of ["status=", "status=a,,b", "status=a%2C"]) {
      assert.throws(() => listed(query), /status: a value is empty/);
    }
  });

  it("says nothing where it is not given", () => assert.equal(listed(""), undefined));
});
