import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeOf, effects, failure, failures, FAMILY, listed, withApp } from "./fixture.ts";

describe("children", () => {
  it("are created once, and awaited with their details", () =>
    withApp(FAMILY, async ({ app, list }) => {
      const handle = await app.trees.create({ name: "oak" });
      const state = await handle.settled();
      assert.ok(state.succeeded, JSON.stringify(state));
      assert.deepEqual(
        { leaves: state.leaves, branch: state.branch },
        { leaves: ["oak/1", "oak/2"], branch: "oak/3/leaf" },
      );
      assert.deepEqual(effects.toSorted(), ["grow oak/1", "grow oak/2", "grow oak/3/leaf", "plant oak"]);
      assert.equal((await list("leaves")).length, 3);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      const order = effects.slice(4);
      assert.deepEqual(
        [order[0], order.slice(1).toSorted()],
        ["cut oak", ["fall oak/1", "fall oak/2", "fall oak/3/leaf"]],
      );
    }));

  it("are retried with the work, and those that succeeded are kept", () =>
    withApp(FAMILY, async ({ app, list }) => {
      failures.set("ash/1", 2);
      const state = await (await app.trees.create({ name: "ash" })).settled();
      assert.ok(state.succeeded, JSON.stringify(state));
      assert.deepEqual(effects.toSorted(), ["grow ash/1", "grow ash/2", "grow ash/3/leaf", "plant ash"]);
      assert.equal((await list("leaves")).length, 3);
    }));

  it("fail the work with their own error, and are then undone", () =>
    withApp(FAMILY, async ({ app, list }) => {
      failures.set("elm/1", 1);
      const handle = await app.trees.create({ name: "elm", permanent: true });
      const error = await failure(handle);
      assert.deepEqual([codeOf(error), handle.state.error?.detail], ["no-soil", "elm/1 cannot grow"]);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      assert.equal(effects.at(-1), "fell elm");
      await handle.retry();
      const again = await handle.settled();
      assert.ok(again.succeeded, JSON.stringify(again));
      assert.equal((await list("leaves")).length, 3);
    }));

  it("are removed after a cancel, children of children as well", () =>
    withApp(FAMILY, async ({ app, list }) => {
      const handle = await app.trees.create({ name: "fir", waits: true });
      await listed("the leaves", () => list("leaves"), 3);
      await handle.cancel();
      assert.equal(codeOf(await failure(handle)), "cancelled");
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      assert.ok(!effects.includes("grow fir/1"));
      assert.equal(effects.at(-1), "fell fir");
    }));

  it("are removed after a delete in progress", () =>
    withApp(FAMILY, async ({ app, list }) => {
      const handle = await app.trees.create({ name: "yew", waits: true });
      await listed("the leaves", () => list("leaves"), 3);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
    }));

  it("end the work with a clear code if a client cancels or deletes them", () =>
    withApp(FAMILY, async ({ app, list }) => {
      const [waiting, deleted] = [
        await app.trees.create({ name: "pine", waits: true }),
        await app.trees.create({ name: "plum", waits: true }),
      ];
      await listed("the other leaves", () => list("leaves?status=Grown"), 4);
      const leaves = await listed("the leaves", () => list("leaves?status=Growing"), 2);
      const idOf = async (name: string): Promise<string> => {
        for (const { id } of leaves) {
          const found = await app.leaves.get(id);
          if (found.state.configuration.name === name) return id;
        }
        throw new Error(name);
      };
      await (await app.leaves.get(await idOf("pine/1"))).cancel();
      assert.equal(codeOf(await failure(waiting)), "child-cancelled");
      await (await app.leaves.get(await idOf("plum/1"))).delete();
      assert.equal(codeOf(await failure(deleted)), "child-deleted");
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
    }));

  it("keep their parent if they cannot be deleted, until a later delete", () =>
    withApp(FAMILY, async ({ app, list }) => {
      const handle = await app.trees.create({ name: "ivy" });
      await handle.settled();
      failures.set("delete ivy/2", 1);
      await handle.delete();
      assert.deepEqual([codeOf(await failure(handle)), handle.state.status], ["stuck", "Grown"]);
      await listed("the others to be gone", () => list("leaves"), 1);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual(await list("leaves"), []);
    }));
});
