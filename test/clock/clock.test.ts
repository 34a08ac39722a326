import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { create, createPaused, expectSettled, noFaketime, post, startClocked } from "./fixture.ts";

describe("a wall clock that is set", { skip: noFaketime, concurrency: true }, () => {
  it("back between two processes does not prolong sleeps and retry pauses", async () => {
    await using folder = await temporaryFolder();
    await using wrong = await startClocked({ folder: folder.path, offset: "+26h" });
    const paths = await createPaused(wrong);
    await wrong.kill();
    await using right = await startClocked({ folder: folder.path, offset: "+0" });
    await expectSettled(right, paths);
    assert.match(right.log(), /the wall clock was set back; moved/);
  });

  it("back while a process runs does not prolong sleeps and retry pauses", async () => {
    await using folder = await temporaryFolder();
    await using server = await startClocked({ folder: folder.path, offset: "+26h" });
    const paths = await createPaused(server);
    await server.setClock("+0");
    await expectSettled(server, paths);
    await eventually("the step to be logged", () => server.log().includes("the wall clock was set back; moved"));
  });

  it("forward while a process runs ends no deadline", async () => {
    await using folder = await temporaryFolder();
    await using server = await startClocked({ folder: folder.path, offset: "+0" });
    const [visit, paths] = await Promise.all([create(server, "visits"), createPaused(server)]);
    await server.setClock("+26h");
    await eventually("the step to be logged", () => server.log().includes("the wall clock was set forward; moved"));
    await post(server, `${visit}/guest`, {});
    await expectSettled(server, [...paths, visit], ["Awake", "Cleared", "Over"]);
  });
});
