import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { type CheckedRun, checkResource, runResource } from "afoot/testing";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Store } from "../../src/core/ports/store.ts";
import { type App, createApp, defineResource, type ResourceType } from "../../src/index.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { send } from "../support/exchange.ts";
import { parseObject } from "../support/json.ts";
import { type PageFolder, pageFolder } from "../support/page-code.ts";

const GUIDES = resolve(import.meta.dirname, "../../docs/guides");
const execute = promisify(execFile);
const HOUR = 3_600_000;

/** Writes the files of a guide for one test. */
async function guide(name: string, context: TestContext): Promise<PageFolder> {
  const folder = await pageFolder(join(GUIDES, `${name}.md`), import.meta.dirname);
  context.after(() => folder[Symbol.asyncDispose]());
  return folder;
}

/** Starts an app over a SQLite file that is gone after the test. */
async function started<Apps extends App>(app: Apps, context: TestContext): Promise<Apps> {
  const { path, [Symbol.asyncDispose]: remove } = await temporaryFolder();
  await app.start({ store: sqliteStore({ path: join(path, "afoot.db") }) });
  context.after(async () => {
    await app.close();
    await remove();
  });
  return app;
}

/** Sends a request, and waits until its resource is settled. */
async function request(
  app: Pick<App, "fetch">,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await app.fetch(
    new Request(`http://localhost/api/${path}`, {
      method,
      headers: { "Content-Type": "application/json", Prefer: "wait=30" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return text === "" ? {} : parseObject(text);
}

describe("docs/guides/safe-to-repeat.md", () => {
  interface Modules {
    readonly "badge.ts": { readonly badge: (work: unknown) => ResourceType; readonly safe: unknown };
    readonly "fake-printer.ts": { readonly fakePrinter: (run: CheckedRun, effect: string) => unknown };
    readonly "printer.ts": { readonly devices: Record<string, unknown> };
  }

  it("passes its own test, and has each mistake that it names", async (context) => {
    const folder = await guide("safe-to-repeat", context);
    const argv = ["--conditions=@afoot/source", "--test", "--test-reporter=tap", join(folder.path, "badge.test.ts")];
    const { stdout } = await execute(process.execPath, argv, { env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
    assert.match(stdout, /^ok 1 - a badge is safe to repeat$/m);
    const { fakePrinter } = await folder.load<Modules["fake-printer.ts"]>("fake-printer.ts");
    const { badge } = await folder.load<Modules["badge.ts"]>("badge.ts");
    const { devices } = await folder.load<Modules["printer.ts"]>("printer.ts");
    const mistakes = [
      ["effect-outside-step", "effect-repeated", "undo-needs-result", "effect-without-undo", "key-shared"],
      ["replay-differs", "cancel-ignored"],
    ].flat();
    for (const mistake of mistakes) {
      const { work } = await folder.load<{ work: unknown }>(`${mistake}.ts`);
      const { findings } = await checkResource(badge(work), (run) => {
        devices["printer"] = fakePrinter(run, "badge");
        devices["doors"] = fakePrinter(run, "door");
        return { configuration: { name: "Ada" } };
      });
      assert.ok(
        findings.some(({ kind }) => kind === mistake),
        `${mistake}: ${JSON.stringify(findings)}`,
      );
    }
    for (const [file, expected] of [
      ["step-name-used.ts", { code: "step-name-used", printed: 1 }],
      ["step-name-of-position.ts", { code: undefined, printed: 2 }],
    ] as const) {
      const { work } = await folder.load<{ work: unknown }>(file);
      let printed = 0;
      devices["printer"] = { print: async () => ++printed, discardByKey: async () => {} };
      const { error } = await runResource(badge(work), { configuration: { name: "Ada, Ada" } });
      assert.deepEqual({ code: error?.code, printed }, expected, file);
    }
  });
});

describe("docs/guides/human-decisions.md", () => {
  interface Modules {
    readonly "app.ts": { readonly expense: ResourceType; readonly mail: { send: (text: string) => Promise<void> } };
    readonly "access.ts": { readonly default: App };
  }

  it("decides, reminds and expires", async (context) => {
    const folder = await guide("human-decisions", context);
    const { expense, mail } = await folder.load<Modules["app.ts"]>("app.ts");
    const reminders: string[] = [];
    mail.send = async (text) => void reminders.push(text);
    const configuration = { item: "lamp", cents: 9900 };
    const decided = await runResource(expense, {
      configuration,
      messages: [{ name: "decision", value: { approved: true, by: "Ada" }, afterMs: 4 * 24 * HOUR }],
    });
    assert.deepEqual([decided.status, decided.details], ["Approved", { by: "Ada" }]);
    assert.equal(reminders.length, 1);
    const declined = { name: "decision", value: { approved: false, by: "Ada" } };
    assert.equal((await runResource(expense, { configuration, messages: [declined] })).status, "Declined");
    const expired = await runResource(expense, { configuration });
    assert.deepEqual([expired.status, expired.error?.code], ["Expired", "no-decision"]);
    assert.equal(reminders.length, 4);
    assert.equal((await runResource(expense, { configuration: { item: "pen", cents: 300 } })).status, "Approved");
  });

  it("lets finance decide on the expenses of others alone", async (context) => {
    const { default: app } = await (await guide("human-decisions", context)).load<Modules["access.ts"]>("access.ts");
    const { authorize } = app.options;
    assert.ok(authorize !== undefined);
    const decision = (owner: string, of: string): unknown =>
      authorize({
        principal: { id: "p", owner },
        method: "POST",
        type: "expense",
        action: "decision",
        resource: { type: "expense", id: "1", owner: of },
      });
    assert.deepEqual(
      [decision("finance", "ann"), decision("finance", "finance"), decision("ann", "ann")],
      [true, false, false],
    );
    const read = { method: "GET", type: "expense" } as const;
    assert.equal(await authorize({ principal: { id: "p", owner: "finance" }, ...read }), true);
    assert.equal(await authorize({ principal: { id: "p", owner: "ann" }, ...read }), undefined);
  });
});

describe("docs/guides/scheduled-work.md", () => {
  interface Modules {
    readonly "app.ts": { readonly default: App; readonly createReport: (now: Date) => Promise<string> };
    readonly "catch-up.ts": { readonly catchUp: (now: Date, days?: number) => Promise<readonly string[]> };
  }

  it("creates one report for each day, however often it is asked", async (context) => {
    const folder = await guide("scheduled-work", context);
    const { default: app, createReport } = await folder.load<Modules["app.ts"]>("app.ts");
    const { catchUp } = await folder.load<Modules["catch-up.ts"]>("catch-up.ts");
    await started(app, context);
    const today = new Date("2026-03-01T12:00:00Z");
    const ids = await Promise.all([1, 2, 3].map(() => createReport(today)));
    assert.equal(new Set(ids).size, 1);
    assert.notEqual(await createReport(new Date("2026-03-02T00:00:01Z")), ids[0]);
    assert.deepEqual(await catchUp(today, 3), ["2026-02-26", "2026-02-27", "2026-02-28"]);
    assert.deepEqual(await catchUp(today, 4), ["2026-02-25"]);
  });
});

describe("docs/guides/files.md", () => {
  interface Modules {
    readonly "app.ts": { readonly default: App; readonly FILES: string };
    readonly "server.ts": { readonly fastify: FastifyInstance };
  }

  it("stores an upload, serves the result, and removes it with the resource", async (context) => {
    const folder = await guide("files", context);
    await using files = await temporaryFolder();
    Object.assign(process.env, { FILES: files.path, AFOOT_DATABASE: join(files.path, "afoot.db"), PORT: "0" });
    const { default: app } = await folder.load<Modules["app.ts"]>("app.ts");
    const { fastify } = await folder.load<Modules["server.ts"]>("server.ts");
    delete process.env["FILES"];
    delete process.env["AFOOT_DATABASE"];
    delete process.env["PORT"];
    context.after(() => fastify.close());
    const headers = { "content-type": "text/plain" };
    const uploaded = await fastify.inject({ method: "POST", url: "/uploads", headers, payload: "a\n".repeat(20) });
    const created = await request(app, "POST", "digests", { configuration: uploaded.json<object>() });
    const { id, href, bytes } = z.looseObject({ id: z.string(), href: z.string(), bytes: z.int() }).parse(created);
    assert.deepEqual([href, bytes, "expiresAt" in created], [`/files/${id}`, 19, true]);
    assert.equal((await fastify.inject(href)).body, "a\n".repeat(10).trim());
    const missing = await request(app, "POST", "digests", { configuration: { file: "absent.txt" } });
    assert.match(JSON.stringify(missing["error"]), /file-missing/);
    assert.equal((await fastify.inject(`/files/${String(missing["id"])}`)).statusCode, 404);
    await request(app, "DELETE", `digests/${id}`);
    await eventually("the deletion", async () => (await fastify.inject(href)).statusCode === 404);
    await eventually("the removal", async () => !existsSync(join(files.path, `${id}.txt`)));
  });
});

describe("docs/guides/rate-limited-providers.md", () => {
  interface Modules {
    readonly "app.ts": {
      readonly translation: ResourceType;
      readonly provider: { call: () => Promise<Response> };
    };
  }

  it("asks again after a refusal without spending an attempt, and retries other errors", async (context) => {
    const folder = await guide("rate-limited-providers", context);
    const { translation, provider } = await folder.load<Modules["app.ts"]>("app.ts");
    const answers = [429, 503, 429, 200];
    provider.call = async () => Response.json({ translated: "Bonjour" }, { status: answers.shift() ?? 200 });
    const run = await runResource(translation, { configuration: { customer: "c", text: "Good morning" } });
    assert.deepEqual([run.status, run.details], ["Translated", { translated: "Bonjour" }]);
    assert.equal(run.history.filter(({ event }) => event === "attempt-failed").length, 1);
    assert.ok(run.elapsedMs >= 21_000, `${run.elapsedMs}`);
    assert.deepEqual(answers, []);
  });
});

describe("docs/guides/browsers-and-react.md", () => {
  interface Modules {
    readonly "app.ts": { readonly default: App };
    readonly "page.ts": { readonly show: (url: string, element: { textContent: string }) => Promise<void> };
  }

  it("shows a resource without a framework", async (context) => {
    const folder = await guide("browsers-and-react", context);
    const { default: app } = await folder.load<Modules["app.ts"]>("app.ts");
    const { show } = await folder.load<Modules["page.ts"]>("page.ts");
    await using files = await temporaryFolder();
    await using running = await startAfoot({ app: join(folder.path, "app.ts"), folder: files.path });
    assert.equal(app.options.basePath, "/api");
    const { headers } = await send(`${running.origin}/api/exports`, "POST", { configuration: { month: "2026-01" } });
    const texts: string[] = [];
    const element = {
      get textContent() {
        return texts.at(-1) ?? "";
      },
      set textContent(text: string) {
        texts.push(text);
      },
    };
    await show(running.origin + headers.get("Location"), element);
    assert.equal(texts.at(-1), "Ready");
    assert.match(texts.join("\n"), /^Exporting, .+$/m);
  });
});

describe("docs/guides/upgrade.md", () => {
  interface Modules {
    readonly "app.ts": { readonly default: App };
  }

  it("continues an operation of version 1 in version 2", async (context) => {
    const folder = await guide("upgrade", context);
    const { default: app } = await folder.load<Modules["app.ts"]>("app.ts");
    await using files = await temporaryFolder();
    const store = (): Store => sqliteStore({ path: join(files.path, "afoot.db") });
    const old = versionOne();
    await old.start({ store: store() });
    const { id } = await old.mailings.create({ subject: "News" });
    await eventually("the work to wait", async () => {
      const { items } = await request(old, "GET", `mailings/${id}/history`);
      return JSON.stringify(items).includes('"waiting"');
    });
    await old.close();
    await app.start({ store: store() });
    context.after(() => app.close());
    await request(app, "POST", `mailings/${id}/approval`, {});
    const sent = await request(app, "GET", `mailings/${id}`);
    assert.deepEqual([sent["status"], sent["sent"]], ["Sent", 7], "the record of version 1, which counted 7");
    assert.deepEqual(sent["configuration"], { subject: "News", language: "en" });
    const history = JSON.stringify(await request(app, "GET", `mailings/${id}/history`));
    assert.match(history, /"event":"step-done"[^}]*"step":"translate"/);
  });

  function versionOne() {
    const mailing = defineResource({
      name: "mailing",
      configuration: z.object({ subject: z.string() }),
      details: z.object({ sent: z.int() }),
      statuses: { ready: "Sent" },
      receives: { approval: z.object({}) },
      create: {
        status: "Sending",
        async work({ step, receive }) {
          const count = await step("count-recipients", () => 7);
          await receive("approval");
          return { sent: count };
        },
      },
    });
    return createApp({ resources: [mailing] });
  }
});
