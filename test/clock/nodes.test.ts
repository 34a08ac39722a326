import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, temporaryFolder } from "../support/afoot-process.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { createPaused, expectSettled, noFaketime, startClocked } from "./fixture.ts";

const missing = noFaketime === false ? await postgresMissing() : noFaketime;

describe("nodes with wrong clocks on one database", { skip: missing }, () => {
  let postgres: PostgresServer;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.remove());

  it("follow the clock of the database, so that sleeps and retry pauses last as long as they should", async () => {
    await using folders = await temporaryFolders();
    const flags = ["--store", `${postgres.url}?schema=${postgres.schema()}`];
    await using ahead = await startClocked({ folder: folders.paths[0], offset: "+26h", flags });
    await using behind = await startClocked({ folder: folders.paths[1], offset: "-26h", flags });
    const paths = [...(await createPaused(ahead)), ...(await createPaused(behind))];
    await expectSettled(behind, paths, ["Awake", "Cleared", "Awake", "Cleared"]);
    for (const path of paths) assert.ok((await pauseOf(behind, path)) >= 1900, "no pause ended early");
    for (const node of [ahead, behind]) assert.doesNotMatch(node.log(), /the wall clock was set/);
  });

  it("are replaced by nodes with right clocks without an effect", async () => {
    await using folders = await temporaryFolders();
    const flags = ["--store", `${postgres.url}?schema=${postgres.schema()}`];
    await using wrong = await startClocked({ folder: folders.paths[0], offset: "+26h", flags });
    const paths = await createPaused(wrong);
    await wrong.kill();
    await using right = await startClocked({ folder: folders.paths[1], offset: "+0", flags });
    await expectSettled(right, paths);
    assert.doesNotMatch(right.log(), /the wall clock was set/);
  });
});

async function temporaryFolders(): Promise<{ readonly paths: readonly [string, string] } & AsyncDisposable> {
  const [one, other] = [await temporaryFolder(), await temporaryFolder()];
  return {
    paths: [one.path, other.path],
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    },
  };
}

/** Reads how long the pause between the two attempts lasted, from the history. */
async function pauseOf(server: Pick<AfootProcess, "origin">, path: string): Promise<number> {
  const response = await fetch(`${server.origin}${path}/history`);
  const { items } = (await response.json()) as { items: readonly { at: string; event: string }[] };
  const instantOf = (pattern: RegExp): number =>
    Date.parse(items.findLast(({ event }) => pattern.test(event))?.at ?? assert.fail(`${String(pattern)} is missing`));
  return instantOf(/^claimed$/) - instantOf(/^(?:waiting|attempt-failed)$/);
}
