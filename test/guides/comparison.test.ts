import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { it } from "node:test";
import type { Queue, Worker } from "bullmq";
import type { FastifyInstance } from "fastify";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";
import { pageFolder } from "../support/page-code.ts";
import { redisServer } from "../support/redis.ts";

const PAGE = resolve(import.meta.dirname, "../../docs/comparison/bullmq.md");

const noRedis =
  process.env["CI"] !== "true" && spawnSync("redis-server", ["--version"]).error !== undefined
    ? "redis-server is not installed"
    : false;

interface Before {
  readonly fastify: FastifyInstance;
  readonly queue: Queue;
  readonly worker: Worker;
}

interface After {
  readonly fastify: FastifyInstance;
  readonly oldQueue: Queue;
}

it("docs/comparison/bullmq.md moves an API to Afoot, and its client notices nothing", { skip: noRedis }, async () => {
  await using page = await pageFolder(PAGE, import.meta.dirname);
  await using files = await temporaryFolder();
  await using redis = await redisServer();
  await redis.start();
  Object.assign(process.env, { REDIS_URL: redis.url, AFOOT_DATABASE: join(files.path, "afoot.db") });
  const before = await page.load<Before>("before.ts");
  const old = await createAndFollow(before.fastify, "2026-01");
  assert.deepEqual(old.last, { state: "completed", progress: 50, result: { pages: 12 } });

  const after = await page.load<After>("after.ts");
  try {
    await after.fastify.ready();
    const created = await createAndFollow(after.fastify, "2026-02");
    assert.deepEqual(created.last, { state: "completed", progress: 100, result: { pages: 12 } });
    assert.equal((await createAndFollow(after.fastify, "1999-01")).last["state"], "failed");
    assert.equal((await status(after.fastify, old.id)).body["state"], "completed", "a job of the queue");
    assert.equal((await status(after.fastify, "none")).statusCode, 404);
    const resource = await after.fastify.inject(`/api/reports/${created.id}`);
    assert.equal(parseObject(resource.body)["pages"], 12);
    assert.deepEqual(await before.queue.getJobCounts("waiting", "delayed", "active"), {
      waiting: 0,
      delayed: 0,
      active: 0,
    });
  } finally {
    await Promise.all([after.fastify.close(), before.fastify.close(), before.worker.close()]);
    await Promise.all([before.queue.close(), after.oldQueue.close()]);
  }
});

/** The client: creates a report, and polls its status until the end. */
async function createAndFollow(
  fastify: FastifyInstance,
  month: string,
): Promise<{ readonly id: string; readonly last: Record<string, unknown> }> {
  const created = await fastify.inject({ method: "POST", url: "/reports", payload: { month } });
  assert.equal(created.statusCode, 202, created.body);
  const id = String(parseObject(created.body)["id"]);
  const last = await eventually("the end of the report", async () => {
    const { body } = await status(fastify, id);
    return (body["state"] === "completed" || body["state"] === "failed") && body;
  });
  return { id, last };
}

async function status(
  fastify: FastifyInstance,
  id: string,
): Promise<{ readonly statusCode: number; readonly body: Record<string, unknown> }> {
  const { statusCode, body } = await fastify.inject(`/reports/${id}/status`);
  return { statusCode, body: parseObject(body) };
}
