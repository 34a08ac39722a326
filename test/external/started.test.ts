import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { createApp, defineResource } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";
import { type JsonReply, statusMessage } from "./fixture.ts";

/** Jobs of an engine by id, and its faults. */
const engine = {
  jobs: new Set<string>(),
  outages: 0,
  isOpen: Promise.resolve(),
  add: async (id: string): Promise<void> => {
    if (engine.outages-- > 0) throw new Error("the engine is down");
    engine.jobs.add(id);
    await engine.isOpen;
  },
};

const render = defineResource({
  name: "render",
  configuration: z.object({}),
  details: z.object({ pages: z.number() }),
  statuses: { ready: "Rendered" },
  create: {
    status: "Queued",
    external: true,
    retry: { initialMs: 1 },
    async work({ id, step, observed }) {
      await step("enqueue", () => engine.add(id), { undo: () => void engine.jobs.delete(id) });
      return observed();
    },
  },
});

describe("an external operation whose work starts the process", () => {
  const app = createApp({ messages: true, resources: [render] });
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
  });
  after(async () => {
    await app.close({ graceMs: 0 });
    await folder[Symbol.asyncDispose]();
  });
  beforeEach(() => Object.assign(engine, { outages: 0, isOpen: Promise.resolve() }));

  const send = async (method: string, path: string, body?: object): Promise<JsonReply> => {
    const headers = { "Content-Type": "application/json", Prefer: "wait=10" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await app.fetch(new Request(`http://localhost/api/${path}`, init));
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : parseObject(text) };
  };
  const post = (id: string, kind: string, data: object): Promise<JsonReply> =>
    send("POST", "messages", statusMessage(`render/${id}`, kind, data));
  const create = async (): Promise<string> => {
    const accepted = await app.fetch(
      new Request("http://localhost/api/renders", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"configuration":{}}',
      }),
    );
    assert.equal(accepted.status, 202);
    const id = String(parseObject(await accepted.text())["id"]);
    await eventually("the job to be enqueued", () => engine.jobs.has(id));
    return id;
  };
  /** Posts until the work has left the operation to the process. */
  const posted = (id: string, kind: string, data: object): Promise<unknown> =>
    eventually("the message to be applied", async () => (await post(id, kind, data)).status === 202);

  it("accepts messages once the work has ended, and defers them until then", async () => {
    const gate = Promise.withResolvers<void>();
    engine.isOpen = gate.promise;
    engine.outages = 2;
    const id = await create();
    const early = await post(id, "progress", { progress: 0.1 });
    assert.deepEqual([early.status, early.body["code"], early.headers.get("Retry-After")], [503, "overloaded", "1"]);
    gate.resolve();
    await posted(id, "progress", { progress: 0.5, status: "Rendering" });
    const shown = await app.fetch(new Request(`http://localhost/api/renders/${id}`));
    const body = parseObject(await shown.text());
    assert.deepEqual([body["status"], body["progress"]], ["Rendering", "50%"]);
    assert.equal((await post(id, "succeeded", { details: { pages: 7 } })).status, 202);
    assert.deepEqual((await send("GET", `renders/${id}`)).body, {
      id,
      status: "Rendered",
      configuration: {},
      pages: 7,
    });
    assert.ok(engine.jobs.has(id), "a success undoes nothing");
  });

  it("undoes the start after a cancel, and rejects later messages", async () => {
    const id = await create();
    await posted(id, "progress", { progress: 0.5 });
    await send("POST", `renders/${id}/cancel`);
    await eventually("the job to be removed", () => !engine.jobs.has(id));
    await eventually("the end", async () => (await send("GET", `renders/${id}`)).body["status"] === "Cancelled");
    const late = await post(id, "succeeded", { details: { pages: 7 } });
    assert.deepEqual([late.status, late.body["code"]], [409, "settled"]);
  });

  it("undoes the start after a reported failure", async () => {
    const id = await create();
    await posted(id, "failed", { error: { code: "no-paper", message: "The printer has no paper." } });
    await eventually("the end", async () => (await send("GET", `renders/${id}`)).body["status"] === "Failed");
    assert.ok(!engine.jobs.has(id));
  });
});
