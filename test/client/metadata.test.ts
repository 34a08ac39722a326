import assert from "node:assert/strict";
import { it } from "node:test";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import type { Store } from "../../src/core/ports/store.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const batch = defineResource({
  name: "batch",
  configuration: z.object({ hold: z.boolean().default(false) }),
  details: z.object({ rows: z.number() }),
  statuses: { ready: "Completed" },
  create: {
    status: "Validating",
    work: async ({ configuration, receive }) => {
      if (configuration.hold) await receive("go");
      return { rows: 1 };
    },
  },
  receives: { go: z.object({}) },
  actions: { check: { status: "Checking", input: z.object({ deep: z.boolean() }), work: ({ details }) => details } },
  metadata: true,
  updatedAfter: true,
  retention: { settledMs: 86_400_000 },
});

const plain = defineResource({
  name: "plain",
  configuration: z.object({}),
  details: z.object({ metadata: z.number(), expiresAt: z.boolean() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work: async () => ({ metadata: 1, expiresAt: true }) },
});

const createSample = () => createApp({ resources: [batch, plain] });

it("the client attaches metadata, chooses a deadline, and filters lists", async () => {
  await using folder = await temporaryFolder();
  const app = createSample();
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await app.start({ store });
  try {
    await run(app, store);
  } finally {
    await app.close();
  }
});

async function run(app: ReturnType<typeof createSample>, store: Store): Promise<void> {
  const startedAt = new Date(Date.now() - 1000).toISOString();
  const held = await app.batches.create({ hold: true }, { metadata: { env: "prod", order: "1" }, deadline: "PT10M" });
  held.state.metadata satisfies Readonly<Record<string, string>> | undefined;
  assert.deepEqual(held.state.metadata, { env: "prod", order: "1" });
  const [row] = await store.read([{ type: "batch", id: held.id }]);
  assert.ok((row?.operation.deadlineAt ?? Infinity) <= (row?.operation.acceptedAt ?? 0) + 600_000);
  const changed = await held.update({}, { metadata: { order: null, team: "ops" }, ifUnchanged: true });
  assert.deepEqual([changed.settled, changed.metadata], [false, { env: "prod", team: "ops" }]);

  const own = await app.batches.put("mine", {}, { metadata: { env: "prod" } });
  assert.match((await own.settled()).expiresAt ?? "", /^\d{4}-/);
  const ids = async (options: Parameters<typeof app.batches.list>[0]): Promise<string[]> => {
    const found: string[] = [];
    for await (const { id } of app.batches.list(options)) found.push(id);
    return found;
  };
  assert.deepEqual(new Set(await ids({ metadata: { env: "prod" } })), new Set([held.id, "mine"]));
  assert.deepEqual(await ids({ metadata: { env: "prod", team: "ops" } }), [held.id]);
  assert.deepEqual(await ids({ id: ["mine", "unknown", held.id] }), ["mine", held.id]);
  assert.equal((await ids({ updatedAfter: startedAt, pageSize: 1 })).length, 2);
  assert.deepEqual(await ids({ updatedAfter: "2999-01-01T00:00:00Z" }), []);

  // Details of another type keep their own types.
  const settled = await (await app.plains.create({})).settled();
  settled.metadata satisfies number;
  settled.expiresAt satisfies boolean;
  assert.deepEqual([settled.metadata, settled.expiresAt], [1, true]);
  await held.send("go", {});
  await held.settled();
  await assert.rejects(held.act("check", { deep: true }, { deadline: "P1000W" }), { code: "validation" });
  await held.act("check", { deep: true }, { deadline: "PT10M" });
  const [checked] = await store.read([{ type: "batch", id: held.id }]);
  assert.equal(checked?.operation.input, '{"deep":true}');
  assert.ok(checked.operation.deadlineAt <= checked.operation.acceptedAt + 600_000);
  await held.settled();
}
