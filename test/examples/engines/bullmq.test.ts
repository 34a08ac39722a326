import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { it } from "node:test";
import { Queue } from "bullmq";
import { eventually } from "../../support/eventually.ts";
import { send } from "../../support/exchange.ts";
import { redisServer } from "../../support/redis.ts";
import { isUnderway, startEngineApp } from "./engine-app.ts";

const WORKER = resolve(import.meta.dirname, "../../../examples/engines/bullmq/worker.ts");

function startWorker(...argv: readonly string[]): { readonly stop: () => Promise<unknown> } & AsyncDisposable {
  const child = spawn(process.execPath, [WORKER, ...argv], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  const end = async (signal: NodeJS.Signals): Promise<unknown> => {
    child.kill(signal);
    return (await ended)[0];
  };
  return { stop: () => end("SIGTERM"), [Symbol.asyncDispose]: async () => void (await end("SIGKILL")) };
}

it("keeps BullMQ, and gets the API: progress, result, cancel and failure through every restart", async () => {
  await using redis = await redisServer();
  await using app = await startEngineApp("bullmq", "renders", { REDIS_URL: redis.url });

  // Redis is down: the request is accepted, and the job is added later.
  const first = await app.create({ pages: 40 });
  await app.until(first, ({ status }) => status === "Queued");
  await redis.start();
  await using worker = startWorker(redis.url, `${app.origin()}/api`);
  await app.until(first, isUnderway);

  // Redis and Afoot are killed in the middle; the worker repeats its message, and the job continues.
  await redis.kill();
  await app.restart();
  await redis.start();
  const id = first.split("/").at(-1) ?? "";
  const url = `https://documents.example.com/${id}.pdf`;
  assert.deepEqual((await app.followed(first)).at(-1), { id, status: "Rendered", configuration: { pages: 40 }, url });

  const queue = new Queue("renders", { connection: { url: redis.url } });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => queue.close());
  const stateOf = async (path: string): Promise<string> => queue.getJobState(await app.operationOf(path));

  const running = await app.create({ pages: 900 });
  await app.until(running, ({ progress }) => progress !== undefined);
  await app.cancel(running);
  assert.equal((await app.followed(running)).at(-1)?.["status"], "Cancelled");
  await eventually("the running job to end", async () => (await stateOf(running)) === "failed");

  const failed = await app.create({ pages: 2000 });
  const { status, error } = (await app.followed(failed)).at(-1) ?? {};
  assert.equal(status, "Failed");
  assert.partialDeepStrictEqual(error, { code: "render-failed", detail: "2000 pages are too many." });
  // A retry is another operation, and another job.
  const operation = await app.operationOf(failed);
  assert.equal((await send(`${app.origin()}${failed}/retry`, "POST")).status, 202);
  assert.equal((await app.followed(failed)).at(-1)?.["status"], "Failed");
  assert.notEqual(await app.operationOf(failed), operation);

  assert.equal(await worker.stop(), 0);
  const waiting = await app.create({ pages: 1 });
  await eventually("the job to be added", async () => (await stateOf(waiting)) === "waiting");
  await app.cancel(waiting);
  assert.equal((await app.followed(waiting)).at(-1)?.["status"], "Cancelled");
  assert.equal(await stateOf(waiting), "unknown", "the job is removed");
});
