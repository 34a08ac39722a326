import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startOptions } from "./start-options.ts";
import { storeOf } from "./stores.ts";

describe("the grace period of afoot start", () => {
  it("is 10 seconds by default, and read from the flag in seconds or from the variable in milliseconds", () => {
    const graceMs = (argv: readonly string[], variable?: string): number =>
      startOptions(argv, variable === undefined ? {} : { AFOOT_GRACE_MS: variable }).graceMs;
    assert.equal(graceMs([]), 10_000);
    assert.equal(graceMs([], ""), 10_000);
    assert.equal(graceMs([], "2500"), 2500);
    assert.equal(graceMs(["--grace", "30"], "2500"), 30_000, "the flag overrides the variable");
    assert.equal(graceMs(["--grace", "0.5"]), 500);
    assert.equal(graceMs(["--grace", "0"]), 0);
    assert.equal(graceMs(["--grace", "86400"]), 86_400_000);
  });

  it("is rejected with the name of the option and its range", () => {
    for (const text of ["", "soon", "10s", "-1", "1e3", " 5", "Infinity", "NaN", "86401"]) {
      assert.throws(
        () => startOptions([`--grace=${text}`], {}),
        {
          message: `--grace: ${JSON.stringify(text)} is invalid; it must be a number of seconds from 0 to 86400 (a day)`,
        },
        text,
      );
    }
    for (const text of ["soon", "10s", "-1", "86400001"]) {
      assert.throws(() => startOptions([], { AFOOT_GRACE_MS: text }), {
        message: `AFOOT_GRACE_MS: ${JSON.stringify(text)} is invalid; it must be a number of milliseconds from 0 to 86400000 (a day)`,
      });
    }
  });
});

describe("the URL of a database behind a pooler", () => {
  it("is read from AFOOT_LISTEN_URL, and rejected for a SQLite file", async () => {
    assert.equal(startOptions([], {}).listenUrl, undefined);
    assert.equal(startOptions([], { AFOOT_LISTEN_URL: "" }).listenUrl, undefined);
    const { listenUrl } = startOptions([], { AFOOT_LISTEN_URL: "postgres://db/sites" });
    assert.equal(listenUrl, "postgres://db/sites");
    await assert.rejects(storeOf("sqlite:data/afoot.db", listenUrl), /AFOOT_LISTEN_URL: a SQLite file has no pooler/);
  });
});
