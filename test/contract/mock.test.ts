import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { follow } from "../../src/client/index.ts";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { serverOptions } from "../../src/server/options.ts";
import { send } from "../support/exchange.ts";
import { FIXTURES, mockOf, withFile } from "./mock-fixture.ts";
import { machine } from "./types.ts";

const MACHINES = join(FIXTURES, "machines.openapi.yaml");
const PRINTS = join(FIXTURES, "prints.openapi.yaml");

const configuration = { os: "BSD", ram: "4GB", storage: "1TB" };

describe("a mock of the pattern's own document", () => {
  it("passes through the documented examples in order, with the posted fields and its own id", async () => {
    await using mock = await mockOf(MACHINES);
    const accepted = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    assert.equal(accepted.status, 202);
    assert.ok(accepted.headers.has("retry-after"));
    const location = accepted.headers.get("location") ?? "";
    assert.match(location, /^\/virtual-machines\/\d{5}$/);
    const id = location.split("/").at(-1);
    assert.notEqual(id, "67890");

    const first = await send(mock.origin + location, "GET");
    assert.deepEqual(first.body, {
      id,
      status: "Provisioning",
      configuration,
      progress: "50%",
      estimatedTimeRemaining: "15 minutes",
    });
    assert.ok(first.headers.has("retry-after"));
    const last = await send(mock.origin + location, "GET");
    assert.deepEqual(last.body, { id, status: "Ready", configuration, IPAddress: "192.168.1.10" });
    assert.ok(!last.headers.has("retry-after"));
    assert.deepEqual((await send(mock.origin + location, "GET")).body, last.body, "a settled resource stays unchanged");
  });

  it("serves with and without the base path of its servers, and keeps the client's base path in Location", async () => {
    await using mock = await mockOf(MACHINES);
    assert.deepEqual(mock.collections, ["/v2/virtual-machines"]);
    const { headers } = await send(`${mock.origin}/v2/virtual-machines`, "POST", { configuration });
    const location = headers.get("location") ?? "";
    assert.match(location, /^\/v2\/virtual-machines\/\d+$/);
    assert.equal((await send(mock.origin + location, "GET")).status, 200);
    assert.equal((await send(mock.origin + location.slice("/v2".length), "GET")).status, 200);
  });

  it("keeps a separate state for each item", async () => {
    await using mock = await mockOf(MACHINES);
    const create = async (os: string): Promise<string> =>
      mock.origin +
      (await send(`${mock.origin}/virtual-machines`, "POST", { configuration: { os } })).headers.get("location");
    const [one, other] = [await create("one"), await create("other")];
    await send(one, "GET");
    assert.deepEqual((await send(one, "GET")).body["status"], "Ready");
    const { body } = await send(other, "GET");
    assert.deepEqual(
      { status: body["status"], configuration: body["configuration"] },
      { status: "Provisioning", configuration: { os: "other" } },
    );
  });

  it("stays in a state for the time given by its pace", async () => {
    await using mock = await mockOf(MACHINES, 3_600_000);
    const { headers } = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    for (let read = 0; read < 3; read++) {
      const response = await send(mock.origin + headers.get("location"), "GET");
      assert.equal(response.body["status"], "Provisioning");
      assert.ok(Number(response.headers.get("retry-after")) > 3500);
    }
  });

  it("works with the client, which follows it until it settles", async () => {
    await using mock = await mockOf(MACHINES);
    const { headers } = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    const settled = await follow(mock.origin + headers.get("location")).settled();
    assert.equal(settled.status, "Ready");
  });

  it("rejects a body that violates the schema, with pointers, and a body that is not JSON", async () => {
    await using mock = await mockOf(MACHINES);
    const url = `${mock.origin}/virtual-machines`;
    const wrong = await send(url, "POST", { configuration: { os: 5, ram: [] } });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.body["errors"], [
      { pointer: "/configuration/os", detail: "must be string" },
      { pointer: "/configuration/ram", detail: "must be string" },
    ]);
    const post = (body: string, type: string): Promise<Response> =>
      fetch(url, { method: "POST", body, headers: { "content-type": type } });
    for (const [body, type, status, code] of [
      ['{"configuration":', "application/json", 400, "malformed-json"],
      ["", "application/json", 400, "malformed-json"],
      ["os=BSD", "application/x-www-form-urlencoded", 415, "unsupported-media-type"],
    ] as const) {
      const response = await post(body, type);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.match(await response.text(), new RegExp(`"code":"${code}"`));
    }
  });

  it("rejects unknown ids, paths and methods", async () => {
    await using mock = await mockOf(MACHINES);
    for (const [method, path, status, allow] of [
      ["GET", "/virtual-machines/67890", 404, null],
      ["GET", "/other", 404, null],
      ["GET", "/v3/virtual-machines/67890", 404, null],
      ["GET", "/virtual-machines", 405, "POST, OPTIONS"],
      ["DELETE", "/virtual-machines/67890", 405, "GET, HEAD, OPTIONS"],
    ] as const) {
      const response = await send(mock.origin + path, method);
      assert.deepEqual(
        { responseStatus: response.status, allow: response.headers.get("allow"), label: response.body["status"] },
        { responseStatus: status, allow, label: status },
      );
    }
  });

  it("accepts requests of pages of any origin", async () => {
    await using mock = await mockOf(MACHINES);
    const preflight = await send(`${mock.origin}/virtual-machines`, "OPTIONS");
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "*");
    const response = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.match(response.headers.get("access-control-expose-headers") ?? "", /Location, Retry-After/);
  });
});

describe("a mock of another document of the pattern", () => {
  it("reads OpenAPI 3.1 in several files: references, server variables, parameters in the path, numeric ids, links", async () => {
    await using mock = await mockOf(PRINTS);
    assert.deepEqual(mock.collections, ["/v2/shops/{shop}/prints"]);
    const accepted = await send(`${mock.origin}/v2/shops/south/prints`, "POST", { pages: 8 });
    const location = accepted.headers.get("location") ?? "";
    const id = Number(location.split("/").at(-1));
    assert.equal(location, `/v2/shops/south/prints/${id}`);
    const links = { self: `/v2/shops/main/prints/${id}`, shop: "/v2/shops/main" };
    assert.deepEqual(accepted.body, { id, state: "Queued", pages: 8, links });

    const states = [await send(mock.origin + location, "GET"), await send(mock.origin + location, "GET")];
    assert.deepEqual(states[0]?.body, { id, state: "Printing", pages: 8, done: 1, links });
    assert.deepEqual(states[1]?.body, {
      id,
      state: "Printed",
      pages: 8,
      done: 3,
      links: { ...links, file: `/files/${id}/pages.pdf` },
    });
    assert.equal((await send(`${mock.origin}/v2/shops/north/prints/${id}`, "GET")).status, 404, "of another shop");
  });

  it("reports the parts of the document that it does not serve", async () => {
    await using mock = await mockOf(PRINTS);
    assert.equal(mock.notServed.length, 1);
    assert.match(mock.notServed[0] ?? "", /^\/paths\/~1shops~1\{shop\}~1prints~1\{print\}~1hurry\/post: .*no path/);
  });

  it("validates by schemas that refer to themselves, and by media type", async () => {
    await using mock = await mockOf(PRINTS);
    const url = `${mock.origin}/v2/shops/south/prints`;
    const wrong = await send(url, "POST", { pages: 1, paper: "a3", cover: { pages: 0, shine: true } });
    assert.deepEqual(wrong.body["errors"], [
      { pointer: "/paper", detail: 'must be equal to one of the allowed values: "a4", "a5", null' },
      { pointer: "/cover", detail: "must NOT have additional properties: shine" },
      { pointer: "/cover/pages", detail: "must be > 0" },
    ]);
    assert.equal((await send(url, "POST")).status, 202, "a body that is not required may be left out");
    assert.equal(
      (await send(url, "POST", { any: "thing" }, { "Content-Type": "application/vnd.print+json" })).status,
      202,
    );
  });

  it("reads schemas of OpenAPI 3.0 as that version means them", async () => {
    const text = JSON.stringify(
      small({
        properties: {
          size: { type: "number", minimum: 0, exclusiveMinimum: true },
          note: { type: "string", nullable: true },
        },
      }),
    );
    await withFile("small.json", text, async (file) => {
      await using mock = await mockOf(file);
      assert.equal((await send(`${mock.origin}/things`, "POST", { size: 1, note: null })).status, 202);
      assert.equal((await send(`${mock.origin}/things`, "POST", { size: 0, note: "x" })).status, 422);
      assert.equal((await send(`${mock.origin}/things`, "POST", { note: 5 })).status, 422);
    });
  });

  it("treats a single example as a resource that is settled at once", async () => {
    await withFile("small.json", JSON.stringify(small({})), async (file) => {
      await using mock = await mockOf(file);
      const { headers } = await send(`${mock.origin}/things`, "POST", {});
      assert.ok(!headers.has("retry-after"));
      const { body } = await send(mock.origin + headers.get("location"), "GET");
      assert.deepEqual(body, { done: true });
    });
  });

  it("serves the document of an Afoot app", async () => {
    const document = openapiDocument({ types: [machine], options: serverOptions() });
    await withFile("openapi.json", JSON.stringify(document), async (file) => {
      await using mock = await mockOf(file);
      assert.deepEqual(mock.collections, ["/api/virtual-machines"]);
      const accepted = await send(`${mock.origin}/api/virtual-machines`, "POST", { configuration });
      assert.equal(accepted.body["status"], "Provisioning");
      const { body } = await send(mock.origin + accepted.headers.get("location"), "GET");
      assert.deepEqual(
        { status: body["status"], configuration: body["configuration"] },
        { status: "Ready", configuration },
      );
      assert.equal(
        (await send(`${mock.origin}/api/virtual-machines`, "POST", { configuration: { os: "BSD" } })).status,
        422,
      );
    });
  });
});

/** The smallest document that follows the pattern. */
function small(schema: object): object {
  const content = (media: object): object => ({ content: { "application/json": media } });
  return {
    openapi: "3.0.3",
    info: { title: "Small", version: "1" },
    paths: {
      "/things": { post: { requestBody: content({ schema }), responses: { 202: { description: "Taken" } } } },
      "/things/{id}": {
        get: {
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
          responses: { 200: { description: "Shown", ...content({ example: { done: true } }) } },
        },
      },
    },
  };
}
