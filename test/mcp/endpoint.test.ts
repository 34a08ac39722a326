import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import Fastify from "fastify";
import { mount } from "../../src/hosts/fastify.ts";
import { mcpHandler } from "../../src/mcp/index.ts";
import { type Agents, INVALID_PARAMS, MCP_URL, openAgents } from "./support/agents.ts";
import { FULL, rpc } from "./support/rpc.ts";

let agents: Agents;
before(async () => {
  agents = await openAgents();
});
after(() => agents[Symbol.asyncDispose]());

describe("the endpoint", () => {
  const post = (headers: Record<string, string>, body = "{}") =>
    agents.fetch(
      new Request(MCP_URL, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
        body,
      }),
    );

  it("applies the origin rules of the API", async () => {
    assert.equal((await post({ origin: "https://evil.example.com" })).status, 403);
    assert.equal((await post({ "sec-fetch-site": "cross-site" })).status, 403);
    const allowed = await agents.call({ method: "tools/list", headers: { origin: "https://app.example.com" } });
    assert.equal(allowed.headers.get("access-control-allow-origin"), "https://app.example.com");
    const preflight = await agents.fetch(
      new Request(MCP_URL, {
        method: "OPTIONS",
        headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
      }),
    );
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /MCP-Protocol-Version/);
  });

  it("applies the limits of the API", async () => {
    const large = await agents.tool("create_note", { text: "x".repeat(5000) });
    assert.equal(large.status, 413);
    const broken = await post({}, "{");
    assert.equal(broken.status, 400);
    assert.equal((await agents.fetch(new Request(MCP_URL))).status, 405);
  });

  it("caches a resource in progress until the next poll", async () => {
    const { id } = (await agents.tool("create_bank_account", { holder: "Ed", pin: "1" })).result.structuredContent;
    const settled = await agents.call({ method: "resources/read", params: { uri: `afoot://bank-accounts/${id}` } });
    assert.deepEqual([settled.result.ttlMs, settled.result.cacheScope], [0, "private"]);
    const { taskId, pollIntervalMs } = (await agents.tool("create_review", {}, { capabilities: FULL })).result;
    const running = await agents.read(`afoot://reviews/${taskId.split(".")[2]}`);
    assert.ok(running.result.ttlMs >= 1000 && pollIntervalMs >= 1000);
    const { result } = await agents.call({ method: "resources/templates/list" });
    assert.deepEqual(
      result.resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      ["afoot://bank-accounts/{id}", "afoot://reviews/{id}", "afoot://notes/{id}"],
    );
    for (const uri of ["afoot://secrets/x", "afoot://reviews", "file:///etc/passwd", "afoot://reviews/x/y"]) {
      assert.equal((await agents.read(uri)).error?.code, INVALID_PARAMS, uri);
    }
    await agents.task("cancel", taskId);
  });

  it("is mounted by the Fastify plugin", async () => {
    const fastify = Fastify();
    await fastify.register(mount, mcpHandler(agents.app));
    try {
      const url = await fastify.listen({ port: 0, host: "127.0.0.1" });
      const { result } = await rpc(fetch, `${url}/mcp`, { method: "tools/list" });
      assert.ok(result.tools.some(({ name }) => name === "create_note"));
    } finally {
      fastify.server.closeAllConnections();
      await fastify.close();
    }
  });

  it("gives the instructions of the app", async () => {
    assert.equal((await agents.call({ method: "server/discover" })).result.instructions, "Be careful.");
  });
});
