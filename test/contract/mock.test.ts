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
  it("goes through the documented examples in order, with what was posted and an id of its own", async () => {
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
    assert.deepEqual((await send(mock.origin + location, "GET")).body, last.body, "settled is where it stays");
  });

  it("answers under the base path of its servers and without, and leads to where the client came", async () => {
    await using mock = await mockOf(MACHINES);
    assert.deepEqual(mock.collections, ["/v2/virtual-machines"]);
    const { headers } = await send(`${mock.origin}/v2/virtual-machines`, "POST", { configuration });
    const location = headers.get("location") ?? "";
    assert.match(location, /^\/v2\/virtual-machines\/\d+$/);
    assert.equal((await send(mock.origin + location, "GET")).status, 200);
    assert.equal((await send(mock.origin + location.slice("/v2".length), "GET")).status, 200);
  });

  it("keeps each item for itself", async () => {
    await using mock = await mockOf(MACHINES);
    const create = async (os: string): Promise<string> =>
      mock.origin +
      (await send(`${mock.origin}/virtual-machines`, "POST", { configuration: { os } })).headers.get("location");
    const [one, other] = [await create("one"), await create("other")];
    await send(one, "GET");
    assert.deepEqual((await send(one, "GET")).body["status"], "Ready");
    const { body } = await send(other, "GET");
    assert.deepEqual([body["status"], body["configuration"]], ["Provisioning", { os: "other" }]);
  });

  it("holds a state as long as its pace says", async () => {
    await using mock = await mockOf(MACHINES, 3_600_000);
    const { headers } = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    for (let look = 0; look < 3; look++) {
      const answer = await send(mock.origin + headers.get("location"), "GET");
      assert.equal(answer.body["status"], "Provisioning");
      assert.ok(Number(answer.headers.get("retry-after")) > 3500);
    }
  });

  it("is followed by the client to its end", async () => {
    await using mock = await mockOf(MACHINES);
    const { headers } = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    const settled = await follow(mock.origin + headers.get("location")).settled();
    assert.equal(settled.status, "Ready");
  });

  it("refuses what the schema refuses, naming the place, and what is no JSON", async () => {
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

  it("knows no id that it did not give, no other path, and no other method", async () => {
    await using mock = await mockOf(MACHINES);
    for (const [method, path, status, allow] of [
      ["GET", "/virtual-machines/67890", 404, null],
      ["GET", "/other", 404, null],
      ["GET", "/v3/virtual-machines/67890", 404, null],
      ["GET", "/virtual-machines", 405, "POST, OPTIONS"],
      ["DELETE", "/virtual-machines/67890", 405, "GET, HEAD, OPTIONS"],
    ] as const) {
      const answer = await send(mock.origin + path, method);
      assert.deepEqual([answer.status, answer.headers.get("allow"), answer.body["status"]], [status, allow, status]);
    }
  });

  it("may be asked by pages of any origin", async () => {
    await using mock = await mockOf(MACHINES);
    const preflight = await send(`${mock.origin}/virtual-machines`, "OPTIONS");
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "*");
    const answer = await send(`${mock.origin}/virtual-machines`, "POST", { configuration });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /Location, Retry-After/);
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

  it("says what of the document it does not serve", async () => {
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

  it("takes one single example for a resource that is settled at once", async () => {
    await withFile("small.json", JSON.stringify(small({})), async (file) => {
      await using mock = await mockOf(file);
      const { headers } = await send(`${mock.origin}/things`, "POST", {});
      assert.ok(!headers.has("retry-after"));
      const { body } = await send(mock.origin + headers.get("location"), "GET");
      assert.deepEqual(body, { done: true });
    });
  });

  it("serves the document of an app of ours", async () => {
    const document = openapiDocument({ types: [machine], options: serverOptions() });
    await withFile("openapi.json", JSON.stringify(document), async (file) => {
      await using mock = await mockOf(file);
      assert.deepEqual(mock.collections, ["/api/virtual-machines"]);
      const accepted = await send(`${mock.origin}/api/virtual-machines`, "POST", { configuration });
      assert.equal(accepted.body["status"], "Provisioning");
      const { body } = await send(mock.origin + accepted.headers.get("location"), "GET");
      assert.deepEqual([body["status"], body["configuration"]], ["Ready", configuration]);
      assert.equal(
        (await send(`${mock.origin}/api/virtual-machines`, "POST", { configuration: { os: "BSD" } })).status,
        422,
      );
    });
  });
});

/** The least that is of the pattern. */
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
