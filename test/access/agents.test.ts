import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FULL, rpc, type Rpc, type RpcReply } from "../mcp/support/rpc.ts";
import { type AccessFixture, ANNS, openFixture } from "./fixture.ts";

let fixture: AccessFixture;
/** A task of ann, and the id of its resource. */
let anns: { taskId: string; id: string };

before(async () => {
  fixture = await openFixture({ mcp: true });
  const made = await call("ann", {
    method: "tools/call",
    params: { name: "create_machine", arguments: { text: ANNS, hold: true, password: ANNS } },
  });
  const { taskId } = made.result;
  anns = { taskId, id: taskId.split(".").at(-1) ?? "" };
});
after(async () => fixture[Symbol.asyncDispose]());

const send = (sent: Rpc): Promise<RpcReply> => rpc(fetch, `${fixture.origin}/mcp`, { capabilities: FULL, ...sent });
const call = (who: keyof AccessFixture["as"], sent: Rpc): Promise<RpcReply> =>
  send({ ...sent, headers: fixture.as[who] });

const UNKNOWN = { taskId: "an-operation.machines.an-id", id: "an-id" };

/** Every method of the protocol, those that an app does not serve included, for one resource and its task. */
function everyMethod({ taskId, id }: typeof UNKNOWN): readonly Rpc[] {
  const tool = (name: string, given: object): Rpc => ({ method: "tools/call", params: { name, arguments: given } });
  return [
    { method: "server/discover" },
    { method: "initialize" },
    { method: "ping" },
    { method: "tools/list" },
    { method: "prompts/list" },
    { method: "completion/complete" },
    { method: "resources/list" },
    { method: "resources/templates/list" },
    { method: "subscriptions/listen" },
    { method: "no/such/method" },
    ...ofResource({ taskId, id }),
    tool("create_machine", { text: "x" }),
    tool("list_machines", {}),
  ];
}

/** The methods that name a resource or a task. */
function ofResource({ taskId, id }: typeof UNKNOWN): readonly Rpc[] {
  const tool = (name: string, given: object = {}): Rpc => ({
    method: "tools/call",
    params: { name, arguments: { id, ...given } },
  });
  return [
    { method: "resources/read", params: { uri: `afoot://machines/${id}` } },
    { method: "tasks/get", params: { taskId } },
    {
      method: "tasks/update",
      params: { taskId, inputResponses: { "approval-1": { action: "accept", content: { by: "x" } } } },
    },
    { method: "tasks/cancel", params: { taskId } },
    tool("get_machine"),
    tool("update_machine", { configuration: { text: "y" } }),
    tool("delete_machine"),
    tool("stop_machine"),
    tool("approval_machine", { message: { by: "x" } }),
    tool("cancel_machine"),
    tool("retry_machine"),
  ];
}

const shown = ({ status, text }: RpcReply, { taskId, id }: typeof UNKNOWN): string =>
  `${status} ${text}`.replaceAll(taskId, "TASK").replaceAll(id, "ID");

describe("every method of agents", () => {
  it("is 401 with every kind of wrong credential, and the same for all", async () => {
    for (const [what, headers] of Object.entries(fixture.wrong)) {
      const texts = new Set<string>();
      for (const sent of [...everyMethod(anns), ...everyMethod(UNKNOWN)]) {
        const reply = await send({ ...sent, headers });
        assert.equal(reply.status, 401, `${sent.method} with ${what}: ${reply.text}`);
        assert.match(reply.headers.get("www-authenticate") ?? "", /^Bearer/);
        texts.add(reply.text);
      }
      assert.equal(texts.size, 1, what);
    }
  });

  it("treats ann's resource and task like ones that do not exist, for other principals", async () => {
    for (const who of ["bob", "carla"] as const) {
      for (const [index, sent] of ofResource(anns).entries()) {
        const unknown = ofResource(UNKNOWN)[index];
        assert.ok(unknown !== undefined);
        const seen = shown(await call(who, sent), anns);
        assert.equal(seen, shown(await call(who, unknown), UNKNOWN), JSON.stringify(sent));
        assert.ok(!seen.includes(ANNS));
      }
      const listed = await call(who, { method: "tools/call", params: { name: "list_machines", arguments: {} } });
      assert.ok(!listed.text.includes(anns.id));
    }
    const still = await call("ann", { method: "tasks/get", params: { taskId: anns.taskId } });
    assert.equal(still.result.status, "working", "nothing of that had an effect");
  });

  it("is allowed for ann and for an operator, and shows no redacted field", async () => {
    for (const who of ["ann", "olga"] as const) {
      const task = await call(who, { method: "tasks/get", params: { taskId: anns.taskId } });
      assert.equal(task.result.status, "working");
      const read = await call(who, { method: "resources/read", params: { uri: `afoot://machines/${anns.id}` } });
      assert.ok(read.text.includes(ANNS) && !read.text.includes("password"));
    }
  });

  it("changes metadata by its tool, and lists by it what the principal may see", async () => {
    const callTool = (who: "ann" | "bob", name: string, given: object) =>
      call(who, { method: "tools/call", params: { name, arguments: given } });
    const metadata = { agent: "set" };
    const changed = await callTool("ann", "update_machine", { id: anns.id, configuration: {}, metadata });
    assert.ok(changed.text.includes(`"metadata":${JSON.stringify(metadata)}`), changed.text);
    assert.ok((await callTool("ann", "list_machines", { metadata })).text.includes(anns.id));
    assert.ok(!(await callTool("ann", "list_machines", { metadata: { agent: "other" } })).text.includes(anns.id));
    assert.ok(!(await callTool("bob", "list_machines", { metadata })).text.includes(anns.id));
  });
});
