import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createApp, defineResource, PermanentError } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { isJsonObject } from "../../src/core/json/json.ts";
import type { Grant } from "../../src/core/ports/messages.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { statusMessage } from "./fixture.ts";

const WEIRD = "Weird Code / é";
/** Requests with NUL are rejected, but work may throw anything. */
const WITH_NUL = "Weird Code / \u0000 é";
const REPLACED = {
  type: "urn:afoot:problem:work-failed",
  title: "Work failed",
  code: "work-failed",
  detail: 'The rack is full. (code "Weird Code / é")',
  retryable: false,
};

const base = {
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Ready" },
} as const;

const resources = [
  defineResource({
    ...base,
    name: "work",
    create: {
      status: "Working",
      async work() {
        throw new PermanentError("The rack is full.", { code: WITH_NUL });
      },
    },
  }),
  defineResource({
    ...base,
    name: "step",
    create: {
      status: "Working",
      async work({ step }) {
        await step("boot", () => {
          throw new PermanentError("The rack is full.", { code: WEIRD });
        });
        return {};
      },
    },
  }),
  defineResource({ ...base, name: "machine", create: { status: "Working", external: true } }),
  defineResource({
    ...base,
    name: "cluster",
    create: { status: "Working", external: true },
    observe: () => ({ outcome: "failed", error: { code: WEIRD, message: "The rack is full." } }),
  }),
] as const;

describe("an error code that is no part of a URI", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const app = createApp({ messages: true, worker: true, resources });
  const warnings: object[] = [];
  before(async () => {
    folder = await temporaryFolder();
    const ignore = (): void => {};
    const warn = (fields: object, message: string): void => {
      if (message.startsWith("replaced an invalid error code")) warnings.push(fields);
    };
    await app.start({
      store: sqliteStore({ path: `${folder.path}/afoot.db` }),
      log: { debug: ignore, info: ignore, warn, error: ignore },
    });
  });
  after(async () => {
    await app.close({ graceMs: 0 });
    await folder[Symbol.asyncDispose]();
  });

  const send = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await app.fetch(
      new Request(`http://localhost/api/${path}`, {
        method,
        headers: { "Content-Type": "application/json", Prefer: "wait=30" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const json: unknown = JSON.parse((await response.text()) || "{}");
    assert.ok(response.status < 400, JSON.stringify(json));
    assert.ok(isJsonObject(json));
    return json;
  };
  const create = async (path: string): Promise<string> => {
    const { headers } = await app.fetch(
      new Request(`http://localhost/api/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"configuration":{}}',
      }),
    );
    return (headers.get("Location") ?? "").split("/").at(-1) ?? "";
  };
  const claim = async (): Promise<Grant> => {
    const slots = [{ type: "machine", kinds: ["create"], free: 1 }];
    const { grants } = await send("POST", "worker/claim", { worker: "w1", claim: 1, slots });
    const [grant] = grants as Grant[];
    assert.ok(grant !== undefined);
    return grant;
  };
  const error = { code: WEIRD, title: "Odd", detail: "The rack is full.", retryable: false };
  const failures: Record<string, () => Promise<string>> = {
    "of work": async () => `works/${await create("works")}`,
    "of a step": async () => `steps/${await create("steps")}`,
    "of observe": async () => `clusters/${await create("clusters")}`,
    "of a status message": async () => {
      const id = await create("machines");
      const data = { error: { code: WEIRD, message: "The rack is full." } };
      await send("POST", "messages", statusMessage(`machine/${id}`, "failed", data));
      return `machines/${id}`;
    },
    "of an external worker": async () => {
      const id = await create("machines");
      const { operation, attempt } = await claim();
      await send("POST", "worker/record", { operation, attempt, step: "boot", state: "failed", undo: false, error });
      await send("POST", "worker/end", { operation, attempt, outcome: "failed", error });
      return `machines/${id}`;
    },
  };
  for (const [what, fail] of Object.entries(failures)) {
    it(`${what} is replaced by work-failed, and stays in the detail`, async () => {
      const path = await fail();
      const state = await eventually(`${path} to show its error`, async () => {
        const shown = await send("GET", path);
        return shown["error"] !== undefined && shown;
      });
      const detail = path.startsWith("works/")
        ? String.raw`The rack is full. (code "Weird Code / \u0000 é")`
        : REPLACED.detail;
      assert.deepEqual(state["error"], { ...REPLACED, detail });
      const { items } = await send("GET", `${path}/history`);
      assert.doesNotMatch(JSON.stringify(items), /"code":"Weird/);
    });
  }

  it("is logged once for each code", () => {
    assert.deepEqual(
      warnings.map((fields) => "code" in fields && fields.code),
      [WITH_NUL, WEIRD],
    );
  });
});
