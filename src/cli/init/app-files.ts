/** The app of a new project. */
export const APP = `import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A card that takes a moment to write. Served at /api/greeting-cards. */
export const greetingCard = defineResource({
  name: "greeting-card",
  // The input of a client ...
  configuration: z.object({ to: z.string().min(1).max(100).meta({ examples: ["Ada"] }) }),
  // ... and the output of the work: fields of the resource, beside its status.
  details: z.object({ text: z.string() }),
  statuses: { ready: "Written" },
  create: {
    status: "Writing",
    async work({ configuration: { to }, step, sleep, report }) {
      // A completed step is recorded: after a crash the work resumes behind it.
      const greeting = await step("greet", () => \`Dear \${to},\`);
      report({ progress: 0.5 });
      // Occupies no worker, and continues after a restart.
      await sleep("let the ink dry", 1000);
      const wish = await step("wish", () => "all the best.");
      return { text: \`\${greeting} \${wish}\` };
    },
  },
});

export default createApp({ resources: [greetingCard] });
`;

/** The tests of a new project. They need no database. */
export const TEST = `import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sqliteStore } from "afoot/stores/sqlite";
import { checkResource, runResource } from "afoot/testing";
import app, { greetingCard } from "./app.ts";

const configuration = { to: "Ada" };

test("a card is written, and the ink dries for a second", async () => {
  // Runs the work in memory, on a virtual clock.
  const { status, details, elapsedMs } = await runResource(greetingCard, { configuration });
  assert.equal(status, "Written");
  assert.deepEqual(details, { text: "Dear Ada, all the best." });
  assert.equal(elapsedMs, 1000);
});

test("a card survives a crash and a cancel at every point", async () => {
  const { findings } = await checkResource(greetingCard, () => ({ configuration }));
  assert.deepEqual(findings, []);
});

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "greeting-cards-"));
  await app.start({ store: sqliteStore({ path: join(folder, "afoot.db") }) });
});
after(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test("a card is created and followed", async () => {
  const card = await app.greetingCards.create(configuration);
  assert.equal(card.state.status, "Writing");
  assert.equal((await card.settled()).text, "Dear Ada, all the best.");
});

test("a card without a recipient is rejected", async () => {
  const request = new Request("http://localhost/api/greeting-cards", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ configuration: { to: "" } }),
  });
  const response = await app.fetch(request);
  assert.equal(response.status, 422);
  assert.match(await response.text(), /"pointer":"\\/configuration\\/to"/);
});
`;
