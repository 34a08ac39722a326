import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, followed, send } from "../support/exchange.ts";
import { validatingProxy } from "./proxy.ts";

const APP = join(import.meta.dirname, "../../examples/app.ts");
const MERGE = { "Content-Type": "application/merge-patch+json" };
const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };

test("a validating proxy finds nothing in a machine's whole life", { timeout: 120_000 }, async () => {
  await using folder = await temporaryFolder();
  await using server = await startAfoot({ app: APP, folder: folder.path, environment: { AFOOT_DEMO_PACE: "0.02" } });
  const document = join(folder.path, "openapi.json");
  await writeFile(document, await (await fetch(`${server.origin}/openapi.json`)).text());
  await using proxy = await validatingProxy(document, server.origin);
  const machines = `${proxy.origin}/api/virtual-machines`;
  const seen = new Set<string>();

  const call = async (
    status: number,
    method: string,
    url: string,
    ...more: [body?: unknown, headers?: Record<string, string>]
  ): Promise<JsonReply> => {
    const response = await send(url, method, ...more);
    assert.equal(response.status, status, `${method} ${url}: ${JSON.stringify(response.body)}`);
    assert.equal(response.headers.get("sl-violations"), null, `${method} ${url} ${status}`);
    seen.add(`${method} ${status}`);
    return response;
  };
  const located = ({ headers }: JsonReply): string => proxy.origin + headers.get("location");
  const settled = async (url: string): Promise<JsonReply | undefined> => {
    const states = await followed(url);
    for (const { headers } of states) assert.equal(headers.get("sl-violations"), null, url);
    return states.at(-1);
  };

  const key = { "Idempotency-Key": `"${randomUUID()}"` };
  const machine = located(await call(202, "POST", machines, { configuration }, key));
  assert.equal(located(await call(202, "POST", machines, { configuration }, key)), machine);
  await call(409, "POST", `${machine}/stop`, { force: true });
  assert.equal((await settled(machine))?.body["status"], "Ready");
  const { headers } = await call(200, "GET", machine);
  await call(304, "GET", machine, undefined, { "If-None-Match": headers.get("etag") ?? "" });
  await call(200, "GET", `${machine}?fields=status,configuration`);
  await call(200, "GET", `${machines}?limit=1&status=Ready,Stopped`);
  await call(200, "GET", `${machine}/history?limit=3`);

  await call(412, "PATCH", machine, { configuration: { ram: "32GB" } }, { ...MERGE, "If-Match": '"other"' });
  await call(200, "PATCH", machine, { configuration: { ram: "16GB" } }, MERGE);
  await call(202, "PATCH", machine, { configuration: { ram: "32GB" } }, MERGE);
  await settled(machine);
  await call(200, "POST", `${machine}/stop`, { force: true }, { Prefer: "wait=30" });
  await call(409, "POST", `${machine}/cancel`);
  await call(409, "POST", `${machine}/retry`);
  await call(202, "DELETE", machine);
  await eventually("the machine to be deleted", async () => {
    return (await send(machine, "GET", undefined, { Prefer: "wait=5" })).status !== 200;
  });
  await call(404, "GET", machine);

  const chosen = `${machines}/${randomUUID()}`;
  await call(202, "PUT", chosen, { configuration }, { "If-None-Match": "*" });
  await call(202, "POST", `${chosen}/cancel`);
  assert.equal((await settled(chosen))?.body["status"], "Cancelled");
  await call(202, "POST", `${chosen}/retry`);
  assert.equal((await settled(chosen))?.body["status"], "Ready");
  assert.ok(seen.size >= 11, [...seen].join(", "));
});
