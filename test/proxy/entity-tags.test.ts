import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Fixture, noNginx, PREFIX, startFixture } from "./fixture.ts";

const GZIP = [
  "gzip on;",
  "gzip_proxied any;",
  "gzip_min_length 1;",
  "gzip_types application/json application/problem+json;",
];

describe("entity tags behind a proxy that compresses", { skip: noNginx }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture(GZIP);
  });
  after(() => fixture[Symbol.asyncDispose]());

  const send = async (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    fetch(new URL(path, fixture.origin), {
      method,
      headers: {
        "accept-encoding": "gzip",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Creates a report and waits until it is settled. Resolves to its path and its tag, which the proxy has made weak. */
  const createSettled = async (): Promise<{ path: string; etag: string }> => {
    const created = await send("POST", `${PREFIX}/api/reports`, {}, { configuration: { title: "Costs" } });
    assert.equal(created.status, 202);
    const path = created.headers.get("location") ?? "";
    const response = await send("GET", path, { prefer: "wait=20" });
    const etag = response.headers.get("etag") ?? "";
    assert.equal(response.headers.get("content-encoding"), "gzip");
    assert.match(etag, /^W\/"/);
    return { path, etag };
  };

  it("work in If-Match: an edit by the latest tag is accepted, one by an outdated tag is 412", async () => {
    const { path, etag } = await createSettled();
    const headers = { "if-match": etag, prefer: "wait=20" };
    const first = await send("PATCH", path, headers, { configuration: { title: "Costs, revised" } });
    assert.equal(first.status, 200, await first.clone().text());
    const second = await send("PATCH", path, headers, { configuration: { title: "Costs, again" } });
    assert.equal(second.status, 412);
    assert.equal((await send("DELETE", path, headers)).status, 412);

    const latest = (await send("GET", path, {})).headers.get("etag") ?? "";
    assert.equal((await send("DELETE", path, { "if-match": latest })).status, 204);
  });

  it("work in If-None-Match and for long polling", async () => {
    const { path, etag } = await createSettled();
    assert.equal((await send("GET", path, { "if-none-match": etag })).status, 304);
    const waiting = send("GET", path, { "if-none-match": etag, prefer: "wait=20" });
    const changed = await send("PATCH", path, { "if-match": etag }, { configuration: { title: "Changed" } });
    assert.equal(changed.status, 202);
    const response = await waiting;
    assert.equal(response.status, 200);
    assert.notEqual(response.headers.get("etag"), etag);
  });

  it("work in Last-Event-ID", async () => {
    const { path, etag } = await createSettled();
    const headers = { accept: "text/event-stream", "last-event-id": etag };
    assert.equal((await send("GET", path, headers)).status, 204);
  });
});
