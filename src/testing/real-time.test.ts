import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineResource } from "../core/definition/define-resource.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import type { StepOptions, WorkContext } from "../core/work.ts";
import { runResource, virtualClock } from "./index.ts";

const configuration = z.object({});
const details = z.object({ from: z.string() });
type Context = WorkContext<typeof configuration, typeof details, undefined, {}>;

function report(work: (context: Context) => Promise<{ from: string }>): ResourceType<{
  name: "report";
  path: "reports";
  configuration: typeof configuration;
  details: typeof details;
  ready: "Ready";
  actions: {};
  messages: {};
  redact: never;
}> {
  return defineResource({
    name: "report",
    configuration,
    details,
    statuses: { ready: "Ready" },
    create: { status: "Writing", work },
  });
}

/** A server that answers after a real pause. */
async function startServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    void delay(200).then(() => response.end(request.url));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

suite("virtual time", () => {
  test("stands still while a step waits for a timer of the platform", async () => {
    const run = await runResource(
      report(async ({ step, sleep }) => {
        await step("first", () => delay(50));
        await sleep("an hour", 3_600_000);
        const from = await step("second", async () => delay(1500, "real"));
        return { from };
      }),
      { configuration: {} },
    );
    assert.deepEqual(
      { details: run.details, attempts: run.attempts, elapsedMs: run.elapsedMs },
      { details: { from: "real" }, attempts: 2, elapsedMs: 3_600_000 },
    );
    assert.partialDeepStrictEqual(run.steps, [
      { name: "first", state: "done", result: undefined },
      { name: "an hour", state: "done" },
      { name: "second", state: "done", result: "real", error: null, undo: false },
    ]);
  });

  test("stands still while steps, checks and undos use the network", async () => {
    await using server = await startServer();
    const get = async (path: string): Promise<string> => (await fetch(server.url + path)).text();
    let checks = 0;
    const undone: string[] = [];
    const options: StepOptions<string> = { undo: async ({ result = "" }) => void undone.push(await get(result)) };
    const run = await runResource(
      report(async ({ step, until }) => {
        await Promise.all([step("a", () => get("/a"), options), step("b", () => get("/b"), options)]);
        await until("c", async () => (await get("/c")) === "/c" && ++checks > 1, { everyMs: 1000 });
        throw new Error("after all");
      }),
      { configuration: {}, clock: virtualClock() },
    );
    assert.deepEqual({ code: run.error?.code, undone: undone.toSorted() }, { code: "internal", undone: ["/a", "/b"] });
    assert.ok(run.elapsedMs < 60_000, `${run.elapsedMs} ms`);
  });

  test("stands still while a step waits for a timer and a connection of an earlier step closes", async () => {
    await using server = await startServer();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    const run = await runResource(
      report(async ({ step }) => {
        const from = await step("waits", async () => {
          socket.destroy();
          return delay(1500, "real");
        });
        return { from };
      }),
      { configuration: {} },
    );
    assert.deepEqual({ from: run.details?.from, attempts: run.attempts }, { from: "real", attempts: 1 });
  });

  test("goes on while a step waits for the virtual clock", async () => {
    const clock = virtualClock();
    const run = await runResource(
      report(async ({ step }) => {
        await step("slow fake", () => clock.sleep(600_000));
        return { from: "fake" };
      }),
      { configuration: {}, clock },
    );
    assert.deepEqual({ from: run.details?.from, elapsedMs: run.elapsedMs }, { from: "fake", elapsedMs: 600_000 });
  });

  test("goes on to the limit of a step that hangs", async () => {
    const run = await runResource(
      report(async ({ step }) => {
        try {
          await step("hangs", () => new Promise(() => {}), { timeoutMs: 60_000 });
        } catch {
          return { from: "timed out" };
        }
        return { from: "done" };
      }),
      { configuration: {} },
    );
    assert.deepEqual({ from: run.details?.from, elapsedMs: run.elapsedMs }, { from: "timed out", elapsedMs: 65_000 });
  });

  test("stands still after a cancel, once the worker has warned of the ignored signal", async () => {
    const clock = virtualClock();
    const run = await runResource(
      report(async ({ step }) => {
        const from = await step("ignores it", () => clock.sleep(1000).then(() => delay(1200, "real")));
        return { from };
      }),
      { configuration: {}, cancelAfterMs: 1000, clock },
    );
    assert.deepEqual(
      { status: run.status, from: run.details?.from, elapsedMs: run.elapsedMs },
      { status: "Ready", from: "real", elapsedMs: 6000 },
    );
  });
});
