import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mcpHandler } from "../../src/mcp/index.ts";
import { type Agents, INVALID_PARAMS, openAgents } from "./support/agents.ts";
import { FULL } from "./support/rpc.ts";

const base = {
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Done" },
  create: { status: "Doing", work: async () => ({}) },
} as const;

let agents: Agents;
before(async () => {
  agents = await openAgents();
});
after(() => agents[Symbol.asyncDispose]());

describe("the tools", () => {
  it("are those that the types offer", async () => {
    const { result } = await agents.call({ method: "tools/list" });
    const names = result.tools.map(({ name }) => name);
    assert.deepEqual(names, [
      "create_bank_account",
      "get_bank_account",
      "list_bank_accounts",
      "update_bank_account",
      "freeze_bank_account",
      "cancel_bank_account",
      "retry_bank_account",
      "delete_bank_account",
      "create_review",
      "get_review",
      "list_reviews",
      "again_review",
      "decision_review",
      "report_review",
      "cancel_review",
      "retry_review",
      "delete_review",
      "create_note",
      "get_note",
    ]);
    const of = (name: string) => {
      const found = result.tools.find((each) => each.name === name);
      assert.ok(found !== undefined, name);
      return found;
    };
    assert.match(of("create_bank_account").description, /An account\. Takes a day\./);
    assert.match(of("create_note").description, /Notes for agents\./);
    assert.match(of("freeze_bank_account").description, /Blocks all payments\./);
    assert.match(of("decision_review").description, /The decision of a person\./);
    assert.equal(of("create_bank_account").inputSchema.properties["holder"]?.description, "Name of the holder.");
    assert.equal(of("get_note").annotations.readOnlyHint, true);
    assert.equal(of("delete_bank_account").annotations.destructiveHint, true);
  });

  it("accept redacted fields, and never show them", async () => {
    const { result } = await agents.call({ method: "tools/list" });
    for (const { name, inputSchema, outputSchema } of result.tools) {
      assert.doesNotMatch(JSON.stringify(outputSchema ?? {}), /"pin"/, name);
      const isCreate = name === "create_bank_account";
      if (isCreate) assert.deepEqual(inputSchema.properties["pin"], { type: "string", writeOnly: true });
    }
    const made = await agents.tool("create_bank_account", { holder: "Ann", pin: "secret-pin" });
    assert.equal(made.result.structuredContent.status, "Open");
    const { id } = made.result.structuredContent;
    const shown = [
      made,
      await agents.tool("get_bank_account", { id }),
      await agents.tool("list_bank_accounts", {}),
      await agents.call({ method: "resources/read", params: { uri: `afoot://bank-accounts/${id}` } }),
    ];
    for (const { text } of shown) {
      assert.match(text, /Ann/);
      assert.doesNotMatch(text, /secret-pin/);
    }
  });

  it("attach metadata and choose deadlines, beside the fields of a configuration or an input", async () => {
    const { result } = await agents.call({ method: "tools/list" });
    const argumentsOf = (tool: string): readonly string[] =>
      Object.keys(result.tools.find(({ name }) => name === tool)?.inputSchema.properties ?? {});
    assert.deepEqual(argumentsOf("create_note"), ["text", "metadata", "deadline"]);
    assert.deepEqual(argumentsOf("create_bank_account"), ["holder", "pin", "tags", "deadline"]);
    assert.deepEqual(argumentsOf("update_bank_account"), ["id", "configuration", "deadline"]);
    assert.deepEqual(argumentsOf("freeze_bank_account"), ["id", "deadline"]);
    const given = { text: "new", metadata: { order: "4711" }, deadline: "PT1M" };
    const note = (await agents.tool("create_note", given)).result.structuredContent;
    assert.partialDeepStrictEqual(note, { configuration: { text: "new" }, metadata: { order: "4711" } });
    const late = await agents.tool("create_note", { ...given, deadline: "P9W" });
    assert.match(late.result.content[0]?.text ?? "", /\/deadline: is later than this operation may take/);
    const { id } = (await agents.tool("create_bank_account", { holder: "Eve", pin: "1" })).result.structuredContent;
    for (const deadline of ["PT0S", "PT1M"]) {
      const frozen = await agents.tool("freeze_bank_account", { id, deadline });
      assert.equal(frozen.result.isError === true, deadline === "PT0S", frozen.text);
    }
  });

  it("have distinct names of characters that clients accept", () => {
    const other = defineResource({ ...base, name: "other", mcp: { tools: { create: "create_thing" } } });
    const thing = defineResource({ ...base, name: "thing" });
    assert.throws(
      () => mcpHandler(createApp({ resources: [thing, other], mcp: true })),
      /create_thing.* is the name of a tool of thing/,
    );
    const spaced = defineResource({ ...base, name: "other", mcp: { tools: { create: "create thing" } } });
    assert.throws(() => mcpHandler(createApp({ resources: [spaced], mcp: true })), /no name for a tool/);
    assert.throws(
      () => defineResource({ ...base, name: "other", mcp: { tools: ["stop"] } }),
      /other: mcp\.tools: the type has no tool "stop"; use some of create, get/,
    );
    assert.throws(() => mcpHandler(createApp({ resources: [thing] })), /pass `mcp: true` to createApp/);
  });

  it("return the reasons of a rejection, so that a model can correct its call", async () => {
    const { result } = await agents.tool("create_bank_account", { holder: "", tags: 1 });
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent.error.code, "validation");
    assert.match(result.content[0]?.text ?? "", /\/configuration\/holder: .*\n?/);
    assert.match(result.content[0]?.text ?? "", /\/configuration\/pin: /);
    const unknown = await agents.tool("get_bank_account", { id: "nothing" });
    assert.match(unknown.result.content[0]?.text ?? "", /^Resource not found/);
    const slash = await agents.tool("get_bank_account", { id: "../reviews" });
    assert.equal(slash.result.isError, true);
    const none = await agents.tool("drop_tables", {});
    assert.equal(none.error?.code, INVALID_PARAMS);
  });

  it("tell when to try again", async () => {
    const first = await agents.tool("create_note", { text: "slow" }, { capabilities: FULL });
    const { result } = await agents.tool("create_note", { text: "second" });
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent.error.code, "too-many-in-progress");
    assert.ok(result.structuredContent.error.retryAfter >= 1);
    await agents.task("cancel", first.result.taskId);
    await agents.taskIn("cancelled", first.result.taskId);
    assert.equal((await agents.tool("create_note", { text: "third" })).result.content[0]?.text ?? "", "Note: third");
  });

  it("run once for each idempotency key", async () => {
    const meta = { "dev.afoot/idempotency-key": "key-1" };
    const ids = new Set<string>();
    for (let repeat = 0; repeat < 3; repeat++) {
      const { result } = await agents.tool("create_bank_account", { holder: "Bo", pin: "1" }, { meta });
      ids.add(result.structuredContent.id);
    }
    assert.equal(ids.size, 1);
  });

  it("change, act on, and delete a resource", async () => {
    const { id } = (await agents.tool("create_bank_account", { holder: "Cy", pin: "1" })).result.structuredContent;
    const changed = await agents.tool("update_bank_account", { id, configuration: { holder: "Di" } });
    assert.equal(changed.result.structuredContent.configuration.holder, "Di");
    assert.equal(changed.result.structuredContent.number, "8");
    const removed = await agents.tool("delete_bank_account", { id });
    assert.equal(removed.result.content[0]?.text ?? "", "Deleted.");
    assert.match((await agents.tool("get_bank_account", { id })).text, /deleted/);
    assert.equal(
      (await agents.call({ method: "resources/read", params: { uri: `afoot://bank-accounts/${id}` } })).error?.code,
      INVALID_PARAMS,
    );
  });
});

describe("missing fields", () => {
  it("are asked for, but no redacted one", async () => {
    const asked = await agents.tool("create_note", {}, { capabilities: FULL });
    assert.equal(asked.result.resultType, "input_required");
    const { "configuration-1": form } = asked.result.inputRequests;
    assert.deepEqual(form?.params.requestedSchema.properties, { text: { type: "string" } });
    const respond = (response: object) =>
      agents.tool(
        "create_note",
        {},
        { capabilities: FULL, params: { inputResponses: { "configuration-1": response } } },
      );
    const made = await respond({ action: "accept", content: { text: "asked", other: "dropped" } });
    assert.equal((await agents.taskIn("completed", made.result.taskId)).result.content[0]?.text ?? "", "Note: asked");
    assert.match((await respond({ action: "decline" })).result.content[0]?.text ?? "", /did not give text/);
    // The pin is missing, too, and nobody may be asked for it.
    const redacted = await agents.tool("create_bank_account", {}, { capabilities: FULL });
    assert.equal(redacted.result.structuredContent.error.code, "validation");
  });
});

describe("a client that cannot follow tasks", () => {
  it("gets the id, and how to ask again and to answer", async () => {
    const { result } = await agents.tool("create_review", {});
    const { id, status } = result.structuredContent;
    assert.equal(status, "Reviewing");
    const text = result.content.map(({ text: block }) => block).join("\n");
    assert.match(text, /call decision_review with this id/);
    assert.ok(text.includes(`Call get_review with {"id":"${id}","waitSeconds":25}`), text);
    const decided = await agents.tool("decision_review", { id, message: { answer: "ok" } });
    assert.deepEqual(decided.result.structuredContent.answers, ["ok"]);
  });
});
