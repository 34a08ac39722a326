import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type Agents, INVALID_PARAMS, openAgents } from "./support/agents.ts";
import { FULL } from "./support/rpc.ts";

let agents: Agents;
before(async () => {
  agents = await openAgents();
});
after(() => agents[Symbol.asyncDispose]());

describe("tasks", () => {
  it("resolve after later operations of the same resource, and cancel none of them", async () => {
    const first = await agents.tool("create_review", {}, { capabilities: FULL });
    const { taskId } = first.result;
    const asked = await agents.taskIn("input_required", taskId);
    assert.deepEqual(Object.keys(asked.inputRequests), ["decision-1"]);
    await agents.task("update", taskId, {
      inputResponses: { "decision-1": { action: "accept", content: { answer: "yes" } } },
    });
    const { structuredContent: made } = (await agents.taskIn("completed", taskId)).result;
    assert.deepEqual(made.answers, ["yes"]);

    const second = await agents.tool("again_review", { id: made.id }, { capabilities: FULL });
    await agents.taskIn("input_required", second.result.taskId);
    assert.deepEqual((await agents.task("cancel", taskId)).result.resultType, "complete");
    assert.equal((await agents.task("get", taskId)).result.status, "completed");
    assert.equal((await agents.task("get", second.result.taskId)).result.status, "input_required");
    await agents.task("cancel", second.result.taskId);
    await agents.taskIn("cancelled", second.result.taskId);
    assert.equal((await agents.task("get", taskId)).result.status, "completed");
  });

  it("number their forms, and count each response once", async () => {
    const { taskId } = (await agents.tool("create_review", { rounds: 2 }, { capabilities: FULL })).result;
    await agents.taskIn("input_required", taskId);
    const accept = (answer: string) => ({ action: "accept", content: { answer } });
    // A lost response, repeated; another repetition after it has been consumed; a key that does not exist.
    for (let repeat = 0; repeat < 2; repeat++) {
      await agents.task("update", taskId, {
        inputResponses: { "decision-1": accept("one"), "decision-9": accept("nine") },
      });
    }
    const { inputRequests } = await eventually("the second form", async () => {
      const { result } = await agents.task("get", taskId);
      return result.inputRequests?.["decision-2"] === undefined ? undefined : result;
    });
    assert.deepEqual(Object.keys(inputRequests), ["decision-2"]);
    await agents.task("update", taskId, { inputResponses: { "decision-1": accept("again") } });
    await agents.task("update", taskId, { inputResponses: { "decision-2": { action: "decline" } } });
    assert.equal((await agents.task("get", taskId)).result.status, "input_required");
    const invalid = await agents.task("update", taskId, { inputResponses: { "decision-2": accept("x".repeat(21)) } });
    assert.equal(invalid.error?.code, INVALID_PARAMS);
    assert.match(JSON.stringify(invalid.error?.data), /\/answer/);
    await agents.task("update", taskId, { inputResponses: { "decision-2": accept("two") } });
    assert.deepEqual((await agents.taskIn("completed", taskId)).result.structuredContent.answers, ["one", "two"]);
  });

  it("ask for a message that nests only through its tool", async () => {
    const { taskId } = (await agents.tool("create_review", { nested: true }, { capabilities: FULL })).result;
    const waiting = await eventually("the wait", async () => {
      const { result } = await agents.task("get", taskId);
      return result.statusMessage.includes("report_review") ? result : undefined;
    });
    assert.equal(waiting.status, "working");
    const id = taskId.split(".").at(-1);
    const sent = await agents.tool("report_review", { id, message: { pages: ["a", "b"] } });
    assert.deepEqual(sent.result.structuredContent.answers, ["a", "b"]);
    assert.equal((await agents.taskIn("completed", taskId)).status, "completed");
  });

  it("show no form to a client that has none", async () => {
    const { taskId } = (await agents.tool("create_review", {}, { capabilities: FULL })).result;
    await agents.taskIn("input_required", taskId);
    const { extensions } = FULL;
    const seen = await agents.call({ method: "tasks/get", params: { taskId }, capabilities: { extensions } });
    assert.deepEqual([seen.result.status, seen.result.inputRequests], ["working", undefined]);
    assert.match(seen.result.statusMessage, /waits for decision_review/);
    await agents.task("cancel", taskId);
  });

  it("fail with the error, detail and code of the operation", async () => {
    const { taskId } = (
      await agents.tool("create_bank_account", { holder: "Nobody", pin: "1" }, { capabilities: FULL })
    ).result;
    const { result } = await agents.taskIn("completed", taskId);
    assert.equal(result.isError, true);
    assert.match(result.content.at(-1)?.text ?? "", /Nobody may not have an account\. \(no-holder\)/);
    const waited = await agents.tool("create_bank_account", { holder: "Nobody", pin: "1" });
    assert.equal(waited.result.isError, true);
    assert.equal(waited.result.structuredContent.error.code, "no-holder");
  });

  it("do not reveal whether an id is malformed or unknown", async () => {
    const texts = new Set<string>();
    for (const taskId of ["x", "a.b.c", "0.reviews.nothing", "0.secrets.x", "a.reviews.", ".."]) {
      for (const method of ["get", "update", "cancel"] as const) {
        const { error, status } = await agents.task(method, taskId, method === "update" ? { inputResponses: {} } : {});
        texts.add(JSON.stringify({ error, status }));
      }
    }
    assert.equal(texts.size, 1, [...texts].join("\n"));
  });
});
