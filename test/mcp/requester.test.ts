import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { SerializedTaskReference } from "@modelcontextprotocol/ext-tasks/client";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { connectRequester } from "./support/clients.ts";

const APP = join(import.meta.dirname, "app.ts");
const EXAMPLES = join(import.meta.dirname, "../../examples/app.ts");

interface Result {
  readonly isError?: boolean;
  readonly structuredContent: {
    readonly id: string;
    readonly status: string;
    readonly address?: string;
    readonly decidedBy?: string;
  };
}

async function startExamples(folder: string): Promise<AfootProcess> {
  return startAfoot({ app: EXAMPLES, folder, flags: ["--mcp"], environment: { AFOOT_DEMO_PACE: "0.5" } });
}

/** Reads a reference as another process would. */
function parsed(text: string): SerializedTaskReference {
  return JSON.parse(text) as SerializedTaskReference;
}

describe("the official requester of tasks", () => {
  it("creates a machine, is cut off by a killed server, and continues from its reference to the result", async () => {
    await using folder = await temporaryFolder();
    let reference: SerializedTaskReference;
    {
      await using app = await startAfoot({ app: APP, folder: folder.path });
      await using requester = await connectRequester(app.origin);
      const execution = await requester.session.callTool("create_machine", { size: "small", seconds: 3 });
      assert.ok(execution.kind === "task");
      reference = parsed(JSON.stringify(execution.serializeReference()));
      await app.kill();
    }
    await using app = await startAfoot({ app: APP, folder: folder.path });
    await using requester = await connectRequester(app.origin);
    const resumed = await requester.session.resumeTask(reference);
    const { outcome } = await resumed.settle();
    assert.ok(outcome.status === "completed");
    const { structuredContent } = outcome.result as unknown as Result;
    assert.equal(structuredContent.status, "Ready");
    assert.equal(structuredContent.address, "10.0.0.1/small");
  });

  it("is asked for a decision by a moderation, and answers it", async () => {
    await using folder = await temporaryFolder();
    await using app = await startExamples(folder.path);
    const asked: string[] = [];
    await using requester = await connectRequester(app.origin, async (request) => {
      assert.ok(request.kind === "elicitation");
      asked.push(JSON.stringify(request.params));
      return { action: "accept", content: { approved: true, by: "Ann" } } as never;
    });
    const text = "son of a bitch";
    const execution = await requester.session.callTool("create_moderation", { text });
    const { outcome } = await execution.settle();
    assert.ok(outcome.status === "completed", JSON.stringify(outcome));
    const { structuredContent } = outcome.result as unknown as Result;
    assert.deepEqual([structuredContent.status, structuredContent.decidedBy], ["Approved", "Ann"]);
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? "", /"approved":\{"type":"boolean"\}/);
  });

  it("cancels an order, whose completed steps are undone", async () => {
    await using folder = await temporaryFolder();
    await using app = await startExamples(folder.path);
    await using requester = await connectRequester(app.origin);
    const execution = await requester.session.callTool("create_order", {
      item: "lamp",
      quantity: 1,
      card: "tok_visa",
      address: "1 Main Street",
    });
    assert.ok(execution.kind === "task");
    const orders = async (): Promise<string> => (await fetch(`${app.origin}/api/orders`)).text();
    const { items } = JSON.parse(await orders()) as { items: { id: string }[] };
    await eventually("the payment", async () => (await orders()).includes('"paid"'));
    await execution.cancel();
    const { outcome } = await execution.settle();
    assert.equal(outcome.status, "cancelled");
    // The requester does not wait for the steps to be undone. The task says when they are.
    const { taskId } = execution.handle;
    const states = new Set<string>();
    await eventually("the cancelled task", async () => {
      const { status } = await requester.session.task(taskId).snapshot();
      states.add(status);
      return status === "cancelled";
    });
    assert.deepEqual(new Set([...states, "working"]), new Set(["working", "cancelled"]));
    const history = await (await fetch(`${app.origin}/api/orders/${items[0]?.id}/history?limit=1000`)).text();
    const events = (JSON.parse(history) as { items: { event: string; step?: string }[] }).items;
    const of = (event: string) => events.filter((each) => each.event === event).map(({ step }) => step);
    const begun = new Set(
      [...of("step-started"), ...of("step-done")].filter((step) => step?.startsWith("request-") === true),
    );
    assert.ok(begun.size >= 2);
    assert.deepEqual(new Set(of("step-undone")), begun, history);
    assert.match(await orders(), /"status":"Cancelled"/);
  });
});
