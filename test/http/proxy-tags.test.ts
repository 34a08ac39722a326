import assert from "node:assert/strict";
import { mountedTest, problem } from "./harness/mounted-test.ts";

/** The forms in which compressing proxies pass on an `ETag`. */
const PROXIES: Readonly<Record<string, (etag: string) => string>> = {
  nginx: (etag) => `W/${etag}`,
  Apache: (etag) => etag.replace(/"$/, '-gzip"'),
  Caddy: (etag) => `W/${etag.replace(/"$/, '-br"')}`,
  Jetty: (etag) => etag.replace(/"$/, '--gzip"'),
};

const change = (ram: string) => ({ configuration: { ram } });

mountedTest("If-Match accepts a tag in the forms that proxies make of it", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  for (const [proxy, formOf] of Object.entries(PROXIES)) {
    const etag = (await request("GET", path)).headers.get("etag") ?? "";
    const headers = { "if-match": formOf(etag) };
    const ram = `${proxy.length}GB ${proxy}`;
    assert.equal((await request("PATCH", path, { headers, body: change(ram) })).status, 202, proxy);
    problem(await request("PATCH", path, { headers, body: change("1GB") }), 412, "precondition-failed");
    problem(await request("DELETE", path, { headers }), 412, "precondition-failed");
    await drive.succeed(path);
  }
});

mountedTest("If-None-Match accepts a tag in the forms that proxies make of it", async ({ request, create, drive }) => {
  const path = await create();
  await drive.progress(path, 0.5);
  const etag = (await request("GET", path)).headers.get("etag") ?? "";
  for (const [proxy, formOf] of Object.entries(PROXIES)) {
    const headers = { "if-none-match": formOf(etag) };
    const { status } = await request("GET", path, { headers });
    assert.equal(status, 304, proxy);
  }
  await drive.progress(path, 0.6);
  for (const formOf of Object.values(PROXIES)) {
    assert.equal((await request("GET", path, { headers: { "if-none-match": formOf(etag) } })).status, 200);
  }
});

mountedTest(
  "Last-Event-ID accepts an event id in the forms that proxies make of a tag",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.succeed(path);
    const etag = (await request("GET", path)).headers.get("etag") ?? "";
    for (const id of [etag, etag.replaceAll('"', ""), ...Object.values(PROXIES).map((formOf) => formOf(etag))]) {
      const headers = { accept: "text/event-stream", "last-event-id": id };
      assert.equal((await request("GET", path, { headers })).status, 204, id);
    }
  },
);
