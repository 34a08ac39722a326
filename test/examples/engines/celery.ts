import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { eventually } from "../../support/eventually.ts";
import type { RabbitServer } from "../../support/rabbitmq.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { isUnderway, startEngineApp } from "./engine-app.ts";

const FOLDER = resolve(import.meta.dirname, "../../../examples/engines/celery");

/** The interpreter for which Debian packages Celery. Another one may come first on the PATH. */
const PYTHON = "/usr/bin/python3";

/** Why the test of the example is skipped; false where Celery is there, and where a skip hides a broken set-up. */
export function celeryMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync(PYTHON, ["-c", "import celery"]).status === 0
    ? false
    : "Celery is not installed; on Debian: apt-get install python3-celery";
}

interface CeleryWorker extends AsyncDisposable {
  readonly log: () => string;
}

function startWorker(url: string): CeleryWorker {
  const argv = ["-m", "celery", "--app", "tasks", "worker", "--concurrency", "1", "--loglevel", "INFO"];
  const child = spawn(PYTHON, [...argv, "--without-gossip", "--without-mingle"], {
    cwd: FOLDER,
    env: { ...process.env, AMQP_URL: url, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const ended = once(child, "exit");
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  return {
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await ended;
    },
  };
}

/** Checks the example over a RabbitMQ that is shared with other tests. */
export async function checkCelery(rabbit: RabbitServer): Promise<void> {
  const proxy = await startProxy(rabbit.port);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => proxy.close());
  proxy.refuse(true);
  const url = rabbit.url.replace(`:${rabbit.port}`, `:${proxy.port}`);
  await using app = await startEngineApp("celery", "word-counts", { AMQP_URL: url });
  await using worker = startWorker(rabbit.url);
  const idOf = (path: string): string => path.split("/").at(-1) ?? "";

  // RabbitMQ is out of reach: the request is accepted, and the task is published later.
  const configuration = { text: "word ".repeat(40) };
  const first = await app.create(configuration);
  await app.until(first, ({ status }) => status === "Queued");
  proxy.refuse(false);
  await app.until(first, isUnderway);

  // Afoot is killed in the middle: its messages wait in the queue.
  await app.restart();
  const last = (await app.followed(first)).at(-1);
  assert.deepEqual(last, { id: idOf(first), status: "Counted", configuration, words: 40 });

  const cancelled = await app.create({ text: "word ".repeat(900) });
  await app.until(cancelled, ({ progress }) => progress !== undefined);
  await app.cancel(cancelled);
  assert.equal((await app.followed(cancelled)).at(-1)?.["status"], "Cancelled");
  const task = await app.operationOf(cancelled);
  await eventually("the task to be terminated", () => worker.log().includes(`Terminating ${task}`));

  const failed = await app.create({ text: " " });
  const { status, error } = (await app.followed(failed)).at(-1) ?? {};
  assert.equal(status, "Failed");
  assert.partialDeepStrictEqual(error, { code: "count-failed", detail: "The text has no words." });
}
