import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient } from "../../src/client/index.ts";
import { type Fixture, noNginx, PREFIX, startFixture } from "./fixture.ts";

describe("links behind a proxy that removes a path prefix", { skip: noNginx }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());

  const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    fetch(new URL(path, fixture.origin), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
    });
  const create = async (headers: Record<string, string> = {}): Promise<Response> =>
    send("POST", `${PREFIX}/api/reports`, headers, { configuration: { title: "Costs" } });
  const header = (response: Response, name: string): string => {
    const value = response.headers.get(name);
    assert.ok(value !== null, `${name} is missing`);
    return value;
  };

  it("lead through the proxy: Location, Operation-Location, and the resource of an operation", async () => {
    const created = await create({ "idempotency-key": "once" });
    assert.equal(created.status, 202);
    const location = header(created, "location");
    assert.match(location, /^\/svc\/api\/reports\/[0-9a-z]+$/);
    const replayed = await create({ "idempotency-key": "once" });
    assert.equal(header(replayed, "location"), location);
    const settled = await send("GET", location, { prefer: "wait=10" });
    assert.equal(settled.status, 200);

    const operationUrl = header(created, "operation-location");
    assert.ok(operationUrl.startsWith(`${fixture.url}/api/operations/`), operationUrl);
    const operation = await fetch(operationUrl);
    assert.deepEqual(((await operation.json()) as { resource: string }).resource, location);

    for (const [method, path] of [
      ["POST", `${location}/retry`],
      ["PUT", `${PREFIX}/api/reports/chosen`],
    ] as const) {
      const response = await send(method, path, {}, method === "PUT" ? { configuration: { title: "X" } } : undefined);
      const expected = method === "PUT" ? path : undefined;
      assert.equal(response.headers.get("location") ?? undefined, expected);
    }
  });

  it("lead to the next page", async () => {
    await Promise.all([create(), create()]);
    for (const path of [`${PREFIX}/api/reports?limit=1`, `${PREFIX}/api/reports/chosen/history?limit=1`]) {
      const first = await send("GET", path);
      const [, next = ""] = /^<([^>]+)>; rel="next"$/.exec(header(first, "link")) ?? [];
      assert.ok(next.startsWith(path.slice(0, path.indexOf("?"))), next);
      assert.equal((await send("GET", next)).status, 200);
    }
  });

  it("name the path of the client in problems", async () => {
    const cases = [
      ["GET", "/api/reports/unknown"],
      ["PATCH", "/api/reports"],
      ["POST", "/api/reports"],
      ["GET", "/api/nothing"],
      ["GET", "/nothing"],
    ] as const;
    for (const [method, path] of cases) {
      const response = await send(method, PREFIX + path);
      assert.ok(response.status >= 400);
      assert.equal(((await response.json()) as { instance: string }).instance, PREFIX + path);
    }
  });

  it("are in the OpenAPI document and lead to the reference", async () => {
    const response = await send("GET", `${PREFIX}/openapi.json`);
    const { servers, paths } = (await response.json()) as { servers: unknown; paths: object };
    assert.deepEqual(servers, [{ url: fixture.url }]);
    assert.ok("/api/reports" in paths);
    const docs = await send("GET", `${PREFIX}/docs`);
    const page = new URL(header(docs, "location"), `${fixture.url}/docs`);
    assert.equal(page.href, `${fixture.url}/docs/`);
  });

  it("are followed by the client library and in event streams", async () => {
    const handle = await createClient(`${fixture.url}/api`)["reports"]?.create({ title: "Costs" });
    const settled = await handle?.settled();
    assert.equal(settled?.status, "Ready");
    const location = header(await create(), "location");
    const stream = await send("GET", location, { accept: "text/event-stream" });
    assert.match(await stream.text(), /"status":"Ready"/);
  });

  it("are the same for requests that pass by the proxy", async () => {
    const direct = await fetch(`${fixture.server.origin}/api/reports`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ configuration: { title: "Direct" } }),
    });
    assert.match(header(direct, "location"), /^\/svc\/api\/reports\//);
  });
});
