import assert from "node:assert/strict";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mountedTest, type Fixture, problem } from "./harness/mounted-test.ts";

const work = (): never => {
  throw new Error("no worker runs here");
};

/** A type with every option of this file, and without an update. */
const batch = defineResource({
  name: "batch",
  configuration: z.object({ file: z.string() }),
  details: z.looseObject({ rows: z.number() }),
  statuses: { ready: "Completed" },
  create: { status: "Validating", work, deadlineMs: 3_600_000 },
  metadata: true,
  updatedAfter: true,
});

/** A type with an update, and with details that are named like the field of other types. */
const cluster = defineResource({
  name: "cluster",
  configuration: z.object({ nodes: z.number() }),
  details: z.object({ url: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work },
  update: { status: "Scaling", work },
  metadata: true,
});

const plain = defineResource({
  name: "plain",
  configuration: z.object({ file: z.string() }),
  details: z.object({ metadata: z.string(), expiresAt: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work },
});

const TYPES = { types: [batch, cluster, plain] };
const BATCHES = "/api/batches";
const CLUSTERS = "/api/clusters";

const post = async (request: Fixture["request"], metadata?: object, path = BATCHES): Promise<string> => {
  const configuration = path === BATCHES ? { file: "a.jsonl" } : { nodes: 1 };
  const { status, headers, text } = await request("POST", path, { body: { configuration, metadata } });
  assert.equal(status, 202, text);
  return headers.get("location") ?? assert.fail();
};

const idOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const MERGE = { "content-type": "application/merge-patch+json" };

mountedTest(
  "metadata is stored, shown and merged, also while an operation is in progress",
  async ({ request, drive, clock }) => {
    const path = await post(request, { order: "4711", "team.name": "ops", empty: "" });
    const first = await request("GET", path);
    assert.deepEqual(first.json["metadata"], { order: "4711", "team.name": "ops" });
    await drive.claim(path);
    clock.advance(1000);
    const patch = (metadata: unknown, headers: Record<string, string> = {}) =>
      request("PATCH", path, { headers: { ...MERGE, ...headers }, body: { metadata } });
    const etag = first.headers.get("etag") ?? "";
    const merged = await patch({ order: null, "team.name": "", env: "prod" }, { "if-match": etag });
    assert.equal(merged.status, 200, merged.text);
    assert.deepEqual(merged.json["metadata"], { env: "prod" });
    assert.notEqual(merged.headers.get("etag"), etag);
    assert.ok(merged.headers.has("retry-after"), "the operation is still in progress");
    assert.deepEqual((await request("GET", path)).json, merged.json);
    problem(await patch({ env: "test" }, { "if-match": etag }), 412, "precondition-failed");

    // A change that changes nothing keeps the entity tag.
    const same = await patch({ env: "prod", absent: null });
    assert.equal(same.headers.get("etag"), merged.headers.get("etag"));

    const { operation } = await drive.row(path);
    await drive.succeed(path, { rows: 3 });
    const settled = await patch({ env: "test" }, { "idempotency-key": "key-1" });
    assert.deepEqual([settled.status, settled.json.status], [200, "Completed"]);
    assert.equal(settled.headers.get("retry-after"), null);
    const repeated = await patch({ env: "test" }, { "idempotency-key": "key-1" });
    assert.deepEqual([repeated.status, repeated.text], [200, settled.text]);
    assert.equal((await drive.row(path)).operation.id, operation.id, "no operation was begun");
    assert.deepEqual((await patch(null)).json["metadata"], {});
    const { json: history } = await request("GET", `${path}/history`);
    assert.ok(!JSON.stringify(history).includes("prod"));
  },
  TYPES,
);

mountedTest(
  "metadata changes with an update, or alone if the configuration stays",
  async ({ request, drive }) => {
    const path = await post(request, { env: "prod" }, CLUSTERS);
    const patch = (body: object) => request("PATCH", path, { headers: MERGE, body });
    problem(await patch({ configuration: { nodes: 2 }, metadata: { env: "no" } }), 409, "operation-in-progress");
    assert.deepEqual((await patch({ configuration: { nodes: 1 }, metadata: { a: "b" } })).json["metadata"], {
      a: "b",
      env: "prod",
    });
    await drive.succeed(path, { url: "https://c" });
    const scaling = await patch({ configuration: { nodes: 2 }, metadata: { a: null } });
    assert.deepEqual(
      [scaling.status, scaling.json.status, scaling.json["metadata"]],
      [202, "Scaling", { env: "prod" }],
    );
    await drive.fail(path);
    assert.deepEqual((await request("GET", path)).json["metadata"], { env: "prod" });

    const put = (body: object) => request("PUT", path, { body });
    assert.deepEqual((await put({ configuration: { nodes: 1 } })).json["metadata"], { env: "prod" });
    const replaced = await put({ configuration: { nodes: 1 }, metadata: { only: "this" } });
    assert.deepEqual([replaced.status, replaced.json["metadata"]], [200, { only: "this" }]);
    const created = await request("PUT", `${CLUSTERS}/mine`, {
      body: { configuration: { nodes: 1 }, metadata: { x: "y" } },
    });
    assert.deepEqual([created.status, created.json["metadata"]], [202, { x: "y" }]);
  },
  TYPES,
);

mountedTest(
  "a type without an update accepts a patch of metadata alone",
  async ({ request, drive }) => {
    const path = await post(request);
    await drive.succeed(path, { rows: 3, metadata: "of the work" });
    const shown = await request("GET", path);
    assert.deepEqual(shown.json["metadata"], {}, "details cannot replace it");
    assert.equal(shown.text.split('"metadata"').length, 2);
    const refused = await request("PATCH", path, { headers: MERGE, body: { configuration: { file: "b" } } });
    problem(refused, 405, "method-not-allowed");
    assert.equal(refused.headers.get("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
  },
  TYPES,
);

mountedTest(
  "metadata out of its limits is rejected, with field and limit",
  async ({ request }) => {
    const errors = async (metadata: unknown, path = BATCHES): Promise<string> => {
      const response = await request("POST", path, { body: { configuration: { file: "a" }, metadata } });
      problem(response, 422, "validation");
      return JSON.stringify(response.json["errors"]);
    };
    const pairs = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
    assert.match(await errors("text"), /"\/metadata","detail":"must be an object of strings"/);
    assert.match(await errors({ a: 1 }), /"\/metadata\/a","detail":"must be a string, or null/);
    assert.match(await errors({ ["k".repeat(65)]: "v" }), /a key of 65 characters; a key has at most 64/);
    assert.match(await errors({ "": "v" }), /at least 1 character/);
    assert.match(await errors({ a: "v".repeat(513) }), /a value of 513 characters; a value has at most 512/);
    assert.match(await errors(pairs(17)), /has 17 pairs; a resource has at most 16/);
    assert.match(await errors({ a: "b" }, "/api/plains"), /"\/metadata","detail":"is not known here/);
    const full = await post(request, { ...pairs(16), k0: "\u{1F600}".repeat(512) });
    const added = await request("PATCH", full, { headers: MERGE, body: { metadata: { more: "x" } } });
    problem(added, 422, "validation");
    const swapped = await request("PATCH", full, { headers: MERGE, body: { metadata: { more: "x", k1: null } } });
    assert.equal(swapped.status, 200);
  },
  TYPES,
);

mountedTest(
  "lists are filtered by metadata, several pairs and other filters at once, on every page",
  async ({ request, clock, drive }) => {
    const paths: string[] = [];
    for (let index = 0; index < 12; index++) {
      paths.push(await post(request, { parity: String(index % 2), third: String(index % 3), "a&b=c": "d e,f" }));
      clock.advance(1);
    }
    await drive.succeed(paths[6] ?? "", { rows: 1 });
    const ids = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      let url: string | undefined = `${BATCHES}?${query}`;
      while (url !== undefined) {
        const page = await request("GET", url);
        assert.equal(page.status, 200, page.text);
        found.push(...page.json.items.map(({ id }) => id));
        url = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
      }
      return found;
    };
    const expected = (keep: (index: number) => boolean) =>
      paths
        .filter((_, index) => keep(index))
        .map(idOf)
        .toReversed();
    for (const limit of [1, 2, 3, 6, 200]) {
      assert.deepEqual(
        await ids(`metadata.parity=1&limit=${limit}`),
        expected((index) => index % 2 === 1),
      );
      assert.deepEqual(
        await ids(`metadata.third=0&metadata.parity=0&limit=${limit}`),
        expected((index) => index % 6 === 0),
      );
    }
    assert.deepEqual(await ids("metadata.parity=0&status=Completed&limit=1"), [idOf(paths[6] ?? "")]);
    assert.equal((await ids("metadata.a%26b%3Dc=d+e%2Cf&limit=5")).length, 12);
    assert.deepEqual(await ids("metadata.parity=2"), []);
    await request("PATCH", paths[0] ?? "", { headers: MERGE, body: { metadata: { parity: "2" } } });
    assert.deepEqual(await ids("metadata.parity=2"), [idOf(paths[0] ?? "")]);
    await request("DELETE", paths[0] ?? "");
    assert.deepEqual(await ids("metadata.parity=2"), []);

    for (const [query, message] of [
      ["metadata.=x", /metadata\. has an empty key/],
      ["metadata.a=", /has no value/],
      [`metadata.${"k".repeat(65)}=v`, /at most 64/],
      [
        Array.from({ length: 17 }, (_, index) => `metadata.k${index}=v`).join("&"),
        /17 filters; a resource has at most 16/,
      ],
      ["metadata.a=b&metadata.a=c", /duplicated/],
    ] as const) {
      const refused = await request("GET", `${BATCHES}?${query}`);
      problem(refused, 400, "invalid-query");
      assert.match(refused.json.detail, message);
    }
    problem(await request("GET", "/api/plains?metadata.a=b"), 400, "invalid-query");
    const page = await request("GET", `${BATCHES}?metadata.parity=1&limit=1`);
    problem(await request("GET", `${BATCHES}?metadata.parity=0&after=${page.json.next}`), 400, "invalid-cursor");
  },
  TYPES,
);

mountedTest(
  "?id= gives the known ones in the order of the ids, and a pause while any is in progress",
  async ({ request, drive }) => {
    const [a, b, c] = [await post(request, { env: "x" }), await post(request), await post(request, { env: "x" })];
    const list = (query: string) => request("GET", `${BATCHES}?id=${query}`);
    const all = await list(`${idOf(b)},unknown,${idOf(a)},${idOf(c)},${idOf(b)}`);
    assert.deepEqual(
      all.json.items.map(({ id }) => id),
      [b, a, c].map(idOf),
    );
    assert.ok(all.headers.has("retry-after"));
    for (const path of [a, b, c]) await drive.succeed(path, { rows: 1 });
    const settled = await list(`${idOf(a)},${idOf(b)}`);
    assert.equal(settled.headers.get("retry-after"), null);
    assert.deepEqual(settled.json.items[0], (await request("GET", a)).json);
    assert.deepEqual(
      (await list(`${idOf(b)},${idOf(a)}&metadata.env=x&status=Completed&fields=id`)).text,
      `{"items":[{"id":"${idOf(a)}"}]}`,
    );
    assert.deepEqual((await list("a%2Fb,..")).json.items, []);
    const many = await list(Array.from({ length: 101 }, (_, index) => `id${index}`).join(","));
    problem(many, 400, "invalid-query");
    assert.match(many.json.detail, /id: too many values; send at most 100/);
    problem(await list("a&limit=5"), 400, "invalid-query");
    problem(await list("a&after=x"), 400, "invalid-query");
  },
  TYPES,
);
