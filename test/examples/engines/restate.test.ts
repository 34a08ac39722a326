import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { restateServer } from "../../support/restate.ts";
import { isUnderway, startEngineApp } from "./engine-app.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SERVICE = join(ROOT, "examples/engines/restate/service.ts");

/** Starts the service of the example, which runs the workflows. */
function startService(port: number): AsyncDisposable {
  const child = spawn(process.execPath, [SERVICE], {
    env: { ...process.env, PORT: String(port), RESTATE_LOGGING: "ERROR" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

it("keeps Restate, and gets the API: progress, result, cancel and failure through every restart", async () => {
  await using restate = await restateServer();
  const port = await freePort();
  await using stack = new AsyncDisposableStack();
  stack.use(startService(port));
  await using app = await startEngineApp("restate", "videos", {
    RESTATE_URL: restate.url,
    RESTATE_ADMIN_URL: restate.adminUrl,
  });

  // Restate is down: the request is accepted, and the workflow starts later.
  const first = await app.create({ frames: 40 });
  await app.until(first, ({ status }) => status === "Transcoding");
  await restate.start();
  await restate.register(`http://127.0.0.1:${port}`);
  await app.until(first, isUnderway);

  // Both are killed in the middle, and continue. Meanwhile the stored state is shown.
  await restate.kill();
  await app.restart();
  assert.ok(isUnderway(await app.until(first, ({ status }) => status === "Transcoding")));
  await restate.start();
  const states = await app.followed(first);
  const id = first.split("/").at(-1) ?? "";
  const url = `https://videos.example.com/${await app.operationOf(first)}.mp4`;
  assert.deepEqual(states.at(-1), { id, status: "Ready", configuration: { frames: 40 }, url });

  const cancelled = await app.create({ frames: 900 });
  await app.until(cancelled, ({ progress }) => progress !== undefined);
  await app.cancel(cancelled);
  assert.equal((await app.followed(cancelled)).at(-1)?.["status"], "Cancelled");
  const output = `${restate.url}/restate/workflow/transcoding/${await app.operationOf(cancelled)}/output`;
  await eventually("the workflow to be cancelled", async () => {
    const response = await fetch(output);
    return /cancel/i.test(await response.text()) && response.status === 409;
  });

  const failed = await app.create({ frames: 2000 });
  const { status, error } = (await app.followed(failed)).at(-1) ?? {};
  assert.equal(status, "Failed");
  assert.partialDeepStrictEqual(error, { code: "transcoding-failed", detail: "2000 frames are too many." });
});
