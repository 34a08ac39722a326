import assert from "node:assert/strict";
import { test } from "node:test";
import { defineResource } from "afoot";
import { runResource } from "afoot/testing";
import { z } from "zod";

const letter = defineResource({
  name: "letter",
  configuration: z.object({ to: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Sent", failed: "Returned" },
  receives: { approval: z.object({ by: z.string() }) },
  create: {
    status: "Writing",
    async work({ configuration: { to }, step, receive }) {
      const text = await step("write", () => `Dear ${to}`);
      const approval = await receive("approval", { timeoutMs: 86_400_000 });
      return { text: approval === undefined ? text : `${text}, by ${approval.by}` };
    },
  },
});

test("a letter is sent after its approval", async () => {
  const run = await runResource(letter, {
    configuration: { to: "Ada" },
    messages: [{ name: "approval", value: { by: "Bob" }, afterMs: 60_000 }],
  });
  assert.equal(run.status, "Sent");
  assert.deepEqual(run.details, { text: "Dear Ada, by Bob" });
  assert.equal(run.elapsedMs, 60_000);
  assert.deepEqual(run.steps.map(({ name }) => name).slice(0, 1), ["write"]);
});

test("a letter can be cancelled while it waits", async () => {
  const run = await runResource(letter, { configuration: { to: "Ada" }, cancelAfterMs: 1000 });
  assert.equal(run.status, "Cancelled");
  assert.equal(run.error?.code, "cancelled");
});
