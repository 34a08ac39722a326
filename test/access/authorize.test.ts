import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mcpHandler } from "afoot/mcp";
import { FULL, rpc } from "../mcp/support/rpc.ts";
import { eventually } from "../support/eventually.ts";
import { invoiceOf, startWith } from "./policy.ts";
import type { Reply } from "./principal.ts";

const full = { fails: false, text: "" };

/** Returns a reply without what depends on the time and the path. */
function comparable({ status, headers, text }: Reply, path: string): string {
  const kept = [...headers].filter(([name]) => name !== "date");
  return JSON.stringify([status, kept, text]).replaceAll(path, "PATH");
}

describe("authorize", () => {
  it("sees what every write asks for, validated and with defaults, once", async () => {
    await using running = await startWith();
    const { send, settle, asked } = running;
    const { path, resource } = await invoiceOf(running);
    assert.deepEqual(asked()[0], { by: "ann", method: "POST", kind: "create", configuration: full });

    await settle("bob", "PATCH", path, { configuration: { text: "new" } });
    const update = { by: "bob", kind: "update", configuration: { ...full, text: "new" }, resource };
    // The second is the check after the wait for the end.
    assert.deepEqual(asked(), [
      { ...update, method: "PATCH" },
      { ...update, method: "PATCH" },
    ]);
    await settle("bob", "PUT", path, { configuration: { text: "put" } });
    const put = { ...update, method: "PUT", configuration: { ...full, text: "put" } };
    assert.deepEqual(asked(), [put, put]);

    await send("carla", "POST", `${path}/send`, { to: "x" });
    const post = { by: "carla", method: "POST", resource };
    assert.deepEqual(asked(), [{ ...post, kind: "send", action: "send", input: { to: "x" } }]);
    await send("carla", "POST", `${path}/receipt`, { at: "noon" });
    assert.deepEqual(asked(), [{ ...post, action: "receipt", input: { at: "noon" } }]);
    await eventually("the end", async () => (await send("ann", "GET", path)).body["status"] === "Ready");
    asked();
    await send("carla", "POST", `${path}/cancel`);
    assert.deepEqual(asked(), [{ ...post, action: "cancel" }]);
    await send("carla", "POST", `${path}/retry`);
    assert.deepEqual(asked(), [{ ...post, kind: "send", action: "retry", input: { to: "x" } }]);
    await send("carla", "DELETE", path);
    assert.deepEqual(asked(), [{ ...post, method: "DELETE", kind: "delete" }]);

    const failed = await settle("ann", "POST", "invoices", { configuration: { fails: true } });
    asked();
    await send("ann", "POST", `${failed}/retry`);
    assert.deepEqual(
      asked().map(({ resource: _resource, ...access }) => access),
      [{ by: "ann", method: "POST", kind: "create", action: "retry", configuration: { ...full, fails: true } }],
    );
    await send("ann", "PUT", "invoices/chosen", { configuration: {} });
    assert.deepEqual(asked(), [{ by: "ann", method: "PUT", kind: "create", configuration: full }]);
  });

  it("sees reads as before, and is called for nothing that does not exist", async () => {
    await using running = await startWith();
    const { send, asked } = running;
    const { path, resource } = await invoiceOf(running);
    asked();
    for (const each of [path, `${path}/history`]) await send("ann", "GET", each);
    await send("ann", "GET", "invoices");
    const read = { by: "ann", method: "GET" };
    assert.deepEqual(asked(), [{ ...read, resource }, { ...read, resource }, read]);
    for (const [method, member] of [
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/cancel"],
      ["POST", "/retry"],
    ] as const) {
      const body = method === "PATCH" ? { configuration: { text: "x" } } : undefined;
      assert.equal((await send("ann", method, `invoices/none${member}`, body)).status, 404);
    }
    assert.deepEqual(asked(), []);
  });

  it("decides by what is asked, before anything is stored", async () => {
    await using running = await startWith(({ principal, kind, action, configuration, input }) => {
      if (JSON.stringify(configuration ?? "").includes("forbidden")) return false;
      if (kind === "delete" && principal.id !== "ann") return false;
      if (JSON.stringify(input ?? "").includes("abroad")) return false;
      return action === "cancel" ? false : undefined;
    });
    const { send, seen, app } = running;
    const { path } = await invoiceOf(running);
    const before = await send("ann", "GET", path);
    const history = await send("ann", "GET", `${path}/history`);
    const configuration = { text: "forbidden" };
    for (const [who, method, to, body] of [
      ["ann", "POST", "invoices", { configuration }],
      ["ann", "PUT", "invoices/new", { configuration }],
      ["ann", "PUT", path, { configuration }],
      ["ann", "PATCH", path, { configuration }],
      ["ann", "POST", `${path}/send`, { to: "abroad" }],
      ["ann", "POST", `${path}/receipt`, { at: "abroad" }],
      ["ann", "POST", `${path}/cancel`, {}],
      ["bob", "DELETE", path, undefined],
    ] as const) {
      const reply = await send(who, method, to, body);
      assert.deepEqual([reply.status, reply.body["code"]], [403, "forbidden"], `${method} ${to}`);
    }
    await assert.rejects(app.as({ id: "ann", owner: "team-1" }).invoices.create(configuration), { code: "forbidden" });
    assert.equal((await send("ann", "GET", path)).text, before.text);
    assert.equal((await send("ann", "GET", `${path}/history`)).text, history.text);
    assert.equal((await send("ann", "GET", "invoices/new")).status, 404);
    assert.equal(((await send("ann", "GET", "invoices")).body["items"] as unknown[]).length, 1);
    assert.deepEqual(
      seen.map(({ by }) => by),
      ["create"],
    );
    // The merged configuration decides, also where the patch itself would pass.
    assert.equal((await send("ann", "PATCH", path, { configuration: { text: "for" } })).status, 202);
  });

  it("lets somebody else do one thing only, also after the wait for its end", async () => {
    await using running = await startWith(({ principal, kind }) =>
      principal.id === "dave" && kind === "send" ? true : undefined,
    );
    const { send } = running;
    const { path } = await invoiceOf(running);
    for (const [method, to, body] of [
      ["GET", path, undefined],
      ["PATCH", path, { configuration: { text: "x" } }],
      ["DELETE", path, undefined],
      ["POST", `${path}/cancel`, undefined],
    ] as const) {
      assert.equal((await send("dave", method, to, body)).status, 404, `${method} ${to}`);
    }
    const waiting = send({ authorization: "dave", prefer: "wait=20" }, "POST", `${path}/send`, { to: "x" });
    await eventually("the action to wait", async () =>
      (await send("ann", "GET", `${path}/history`)).text.includes('"waiting"'),
    );
    await send("ann", "POST", `${path}/receipt`, { at: "noon" });
    const { status, body } = await waiting;
    assert.deepEqual([status, body["status"]], [200, "Ready"]);
  });

  it("reveals nothing of another owner's resource, whatever is sent and decided", async () => {
    let decision: boolean | undefined;
    await using running = await startWith(({ principal }) => (principal.id === "dave" ? decision : undefined));
    const { send } = running;
    const path = await running.settle("ann", "POST", "invoices", { configuration: { text: "draft" } });
    const id = path.slice("invoices/".length);
    const unused = "x".repeat(id.length);
    for (decision of [undefined, false]) {
      for (const [method, member, body] of [
        ["PATCH", "", { configuration: { text: "y" } }],
        // Valid by itself, and invalid once it is merged into the stored configuration.
        ["PATCH", "", { configuration: { fails: true } }],
        ["PATCH", "", { configuration: { text: "y".repeat(30) } }],
        ["PATCH", "", { configuration: { fails: "no" } }],
        ["PATCH", "", { other: 1 }],
        ["PUT", "", { configuration: { text: "y".repeat(30) } }],
        ["DELETE", "", undefined],
        ["POST", "/send", { to: 7 }],
        ["POST", "/send", { to: "x" }],
        ["POST", "/receipt", { at: 7 }],
        ["POST", "/receipt", { at: "x" }],
        ["POST", "/cancel", {}],
        ["POST", "/retry", {}],
        ["POST", "/retry", { more: 1 }],
      ] as const) {
        const theirs = await send("dave", method, `invoices/${id}${member}`, body);
        const none = await send("dave", method, `invoices/${unused}${member}`, body);
        assert.ok([404, 422].includes(theirs.status), theirs.text);
        assert.equal(comparable(theirs, id), comparable(none, unused), `${method} ${member} ${decision}`);
      }
    }
    const put = { configuration: {} };
    const theirs = await send("dave", "PUT", path, put);
    const none = await send("dave", "PUT", `invoices/${unused}`, put);
    assert.equal(none.status, 403);
    assert.equal(comparable(theirs, id), comparable(none, unused));
    assert.equal((await send("ann", "PATCH", path, { configuration: { fails: true } })).status, 422);
  });

  it("is asked before a PATCH of another owner's resource if it may be read, and then if it may be changed", async () => {
    let mayRead = true;
    await using running = await startWith(({ principal, method, configuration }) => {
      if (principal.id !== "dave") return undefined;
      return method === "GET" ? mayRead : !JSON.stringify(configuration).includes("forbidden");
    });
    const { send, asked } = running;
    const { path, resource } = await invoiceOf(running);
    asked();
    const patch = (text: string): Promise<Reply> => send("dave", "PATCH", path, { configuration: { text } });
    assert.equal((await patch("x".repeat(30))).status, 422, "whoever may see it, may see the errors");
    const read = { by: "dave", method: "GET", resource };
    assert.deepEqual(asked(), [read]);
    assert.equal((await patch("forbidden")).status, 404);
    const update = { ...read, method: "PATCH", kind: "update", configuration: { ...full, text: "forbidden" } };
    assert.deepEqual(asked(), [read, update]);
    mayRead = false;
    assert.equal((await patch("fine")).status, 404);
    mayRead = true;
    assert.equal((await patch("fine")).status, 202);
  });

  it("of the earlier signature decides as before", async () => {
    // As in the guide: auditors read everything and change nothing.
    await using running = await startWith(({ principal, method }) =>
      principal.owner === "team-2" ? method === "GET" || method === "HEAD" : undefined,
    );
    const { send } = running;
    const { path } = await invoiceOf(running);
    assert.equal((await send("dave", "GET", path)).status, 200);
    assert.equal(((await send("dave", "GET", "invoices")).body["items"] as unknown[]).length, 1);
    assert.equal((await send("dave", "POST", "invoices", { configuration: {} })).status, 403);
    assert.equal((await send("dave", "PUT", "invoices/new", { configuration: {} })).status, 403);
    assert.equal((await send("dave", "PATCH", path, { configuration: {} })).status, 404);
    assert.equal((await send("dave", "DELETE", path)).status, 404);
    const metadata = { metadata: { seen: "yes" } };
    assert.equal((await send("dave", "PATCH", path, metadata)).status, 404);
    assert.equal((await send("ann", "PATCH", path, metadata)).status, 200);
    const own = await send("ann", "POST", "invoices", { configuration: {}, ...metadata });
    assert.equal(own.status, 202);
  });

  it("decides about a PATCH of metadata alone, which begins no operation", async () => {
    await using running = await startWith(({ method, kind }) =>
      method === "PATCH" && kind === undefined ? false : undefined,
    );
    const { send, asked } = running;
    const { path, resource } = await invoiceOf(running);
    asked();
    assert.equal((await send("ann", "PATCH", path, { metadata: { seen: "yes" } })).status, 403);
    assert.deepEqual(asked(), [{ by: "ann", method: "PATCH", resource }]);
    const both = { configuration: { text: "new" }, metadata: { seen: "yes" } };
    assert.equal((await send("ann", "PATCH", path, both)).status, 202);
  });

  it("sees the calls inside the process and those of agents in the same way", async () => {
    await using running = await startWith(undefined, true);
    const { app, asked } = running;
    const resource = await app.as({ id: "ann", owner: "team-1" }).invoices.create({ text: "hello" });
    assert.deepEqual(asked(), [
      { by: "ann", method: "POST", kind: "create", configuration: { ...full, text: "hello" } },
    ]);
    await resource.settled();
    asked();
    const mcp = mcpHandler(app);
    const call = (name: string, given: object) =>
      rpc((request) => mcp.fetch(request), "http://localhost/mcp", {
        capabilities: FULL,
        headers: { authorization: "ann" },
        method: "tools/call",
        params: { name, arguments: given },
      });
    await call("create_invoice", { text: "agent" });
    await call("update_invoice", { id: resource.id, configuration: { text: "changed" } });
    const writes = asked().filter(({ kind }) => kind !== undefined);
    assert.deepEqual(
      writes.map(({ method, kind, configuration }) => ({ method, kind, configuration })),
      [
        { method: "POST", kind: "create", configuration: { ...full, text: "agent" } },
        { method: "PATCH", kind: "update", configuration: { ...full, text: "changed" } },
      ],
    );
    await mcp.close();
  });
});
