import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { effects, FAMILY, listed, withApp } from "./fixture.ts";

describe("the representation of families", () => {
  it("links parents and children, and shows progress over the children", () =>
    withApp(FAMILY, async ({ app, send, list }) => {
      const { id } = await app.trees.create({ name: "oak", waits: true });
      await listed("the settled children", () => list("leaves?status=Grown"), 2);
      await listed("the settled branch", () => list("branches?status=Grown"), 1);
      const inProgress = await eventually("progress over the children", async () => {
        const { body } = await send(`trees/${id}`);
        return body["progress"] === "66%" && body;
      });
      assert.deepEqual(inProgress["_links"], {
        leaves: { href: `/api/leaves?parent=tree/${id}` },
        branches: { href: `/api/branches?parent=tree/${id}` },
      });
      const own = await list(`leaves?parent=tree/${id}`);
      assert.equal(own.length, 2);
      const [waiting] = await list(`leaves?parent=tree/${id}&status=Growing`);
      const { body } = await send(`leaves/${waiting?.id}`);
      assert.deepEqual(body["_links"], { parent: { href: `/api/trees/${id}`, name: "first" } });
      const [branch] = await list(`branches?parent=trees/${id}`);
      const [leaf] = await list(`leaves?parent=${encodeURIComponent(`http://localhost/api/branches/${branch?.id}`)}`);
      assert.ok(leaf !== undefined && !own.some((each) => each.id === leaf.id));
      const page = (await send(`leaves?parent=tree/${id}&limit=1`)).body;
      const rest = await list(`leaves?parent=tree/${id}&limit=1&after=${String(page["next"])}`);
      assert.equal(rest.length, 1);
      assert.equal((await send(`leaves?parent=branch/${branch?.id}&after=${String(page["next"])}`)).status, 400);
      const { body: fields } = await send(`leaves/${leaf.id}?fields=_links`);
      assert.deepEqual(Object.keys(fields), ["_links"]);
      assert.deepEqual((await send(`operations/none`)).status, 404);
      await (await app.leaves.get(waiting?.id ?? "")).send("go", {});
      await (await app.trees.get(id)).settled();
      assert.equal((await send(`trees/${id}`)).body["progress"], undefined);
      assert.ok(effects.includes("grow oak/1"));
    }));

  it("rejects other changes of a parent while its work waits for children, and of children", () =>
    withApp(FAMILY, async ({ app, send, list }) => {
      const tree = await app.trees.create({ name: "elm", waits: true });
      await eventually("a parent that waits", async () => (await send(`trees/${tree.id}`)).body["progress"] === "66%");
      const [leaf] = await list(`leaves?status=Growing&parent=tree/${tree.id}`);
      const patch = { configuration: { name: "ash" } };
      for (const path of [`trees/${tree.id}`, `leaves/${leaf?.id}`]) {
        const { status, body } = await send(path, "PATCH", patch);
        assert.deepEqual([status, body["code"]], [409, "operation-in-progress"], path);
      }
      assert.deepEqual((await send(`trees/${tree.id}`)).body["configuration"], {
        name: "elm",
        waits: true,
        permanent: false,
      });
      await tree.cancel();
      await assert.rejects(tree.settled());
    }));

  it("rejects parents that are none, and filters that exclude each other", () =>
    withApp(FAMILY, async ({ send }) => {
      for (const [query, detail] of [
        [
          "parent=leaf/1",
          /"leaf\/1" is no parent of a leaf; send branch\/\{id\}, tree\/\{id\}|tree\/\{id\}, branch\/\{id\}/,
        ],
        ["parent=tree", /is no parent/],
        ["parent=tree/1&id=2", /cannot be combined with id/],
      ] as const) {
        const { status, body } = await send(`leaves?${query}`);
        assert.equal(status, 400);
        assert.match(String(body["detail"]), detail);
      }
      assert.equal((await send("trees?parent=tree/1")).status, 400);
      assert.deepEqual((await send("leaves?parent=tree/none")).body["items"], []);
    }));
});
