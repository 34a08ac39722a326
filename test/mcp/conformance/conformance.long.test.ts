import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { APPLICABLE, NOT_APPLICABLE } from "./scenarios.ts";
import { APP, passesAll, suite } from "./suite.ts";

describe("the official conformance suite", () => {
  it("has no scenario that is neither run nor known not to apply", async () => {
    const { output } = await suite("list", "--server");
    const known = [...output.matchAll(/^ {2}- ([a-z0-9-]+)/gm)].map(([, name = ""]) => name);
    assert.deepEqual(known.toSorted(), [...APPLICABLE, ...Object.keys(NOT_APPLICABLE)].toSorted());
  });

  describe("against an app on SQLite", () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let app: AfootProcess;
    before(async () => {
      folder = await temporaryFolder();
      app = await startAfoot({ app: APP, folder: folder.path });
    });
    after(async () => {
      await app[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    });

    passesAll(() => app.origin);
  });
});
