import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import type { SerializedTaskReference } from "@modelcontextprotocol/ext-tasks/client";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { random } from "../support/random.ts";
import { connectRequester } from "./support/clients.ts";

const APP = join(import.meta.dirname, "app.ts");

it("resolves every one of 200 tasks across 20 kills", async () => {
  await using folder = await temporaryFolder();
  const references: SerializedTaskReference[] = [];
  for (let kill = 0; kill < 20; kill++) {
    await using app = await startAfoot({ app: APP, folder: folder.path });
    await using requester = await connectRequester(app.origin);
    const { session } = requester;
    const calls = Array.from({ length: 10 }, async () => {
      const execution = await session.callTool("create_machine", { size: "small", seconds: random() });
      assert.ok(execution.kind === "task");
      references.push(execution.serializeReference());
      await execution.detach();
    });
    await Promise.all(calls);
    // Every id that was given out before resolves now.
    const views = await Promise.all(references.map(({ taskId }) => session.task(taskId).snapshot()));
    assert.ok(views.every(({ status }) => status === "working" || status === "completed"));
    await app.kill();
  }
  await using app = await startAfoot({ app: APP, folder: folder.path });
  await using requester = await connectRequester(app.origin);
  const outcomes = await Promise.all(
    references.map(async (reference) => (await (await requester.session.resumeTask(reference)).settle()).outcome),
  );
  assert.equal(outcomes.length, 200);
  for (const outcome of outcomes) {
    assert.ok(outcome.status === "completed");
    assert.equal(
      (outcome.result as unknown as { structuredContent: { address?: string } }).structuredContent.address,
      "10.0.0.1/small",
    );
  }
});
