import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { send } from "../../support/exchange.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { type ShopProcess, startShop, tokenOf } from "./shop.ts";

type Headers = Readonly<Record<string, string>>;

interface Requested {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly headers?: Headers;
}

/** Values that differ between two requests for resources that do not exist. */
const comparable = (text: string, id: string): string => text.replaceAll(id, "ID");

describe("tenants of examples/existing-app", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let shop: ShopProcess;
  let ann: Headers;
  let bob: Headers;
  /** An invoice of Ann, and its export. */
  let invoice: string;
  let exported: string;

  before(async () => {
    server = await startPostgres();
    shop = await startShop({ databaseUrl: server.url, pagesMs: 0 });
    ann = await tokenOf("ann", "north");
    bob = await tokenOf("bob", "south");
    const key = { "Idempotency-Key": '"one"' };
    const added = await send(`${shop.origin}/invoices`, "POST", { customer: "Ada", cents: 1999 }, ann);
    invoice = String(added.body["id"]);
    const body = { configuration: { invoice }, metadata: { order: "4711" } };
    const accepted = await send(`${shop.origin}/v1/invoice-exports`, "POST", body, {
      ...ann,
      ...key,
      Prefer: "wait=30",
    });
    exported = String(accepted.body["id"]);
    assert.equal(accepted.body["text"], "Ada owes 19.99 EUR.");
  });
  after(async () => {
    assert.equal(await shop.stop(), 0);
    await server.remove();
  });

  const request = async (headers: Headers, { method, path, body, headers: further }: Requested) => {
    const response = await fetch(`${shop.origin}${path}`, {
      method,
      headers: { ...headers, ...further, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  /** Every operation of the document with a path parameter, once with each body and header that may matter. */
  const operationsOnOne = async (resource: string, row: string): Promise<readonly Requested[]> => {
    const { body } = await send(`${shop.origin}/openapi.json`, "GET");
    const paths = Object.entries(body["paths"] as Record<string, Record<string, unknown>>);
    return paths.flatMap(([template, item]) => {
      if (!template.includes("{")) return [];
      const path = template.replace("{id}", template.startsWith("/v1/") ? resource : row);
      assert.ok(!path.includes("{"), `the test does not know the parameters of ${template}`);
      return Object.keys(item).flatMap((name) => {
        const method = name.toUpperCase();
        const takesBody = ["PUT", "PATCH", "POST"].includes(method);
        const bodies = takesBody
          ? [undefined, { configuration: { invoice } }, { metadata: { order: "1" } }]
          : [undefined];
        const headers: readonly Headers[] = [
          {},
          { "If-Match": "*" },
          { "If-None-Match": '"x"', Prefer: "wait=1" },
          { Accept: "text/event-stream" },
          { "Idempotency-Key": '"one"' },
        ];
        return bodies.flatMap((each) => headers.map((further) => ({ method, path, body: each, headers: further })));
      });
    });
  };

  it("does not reveal by any operation on one resource whether that of another tenant exists", async () => {
    const unknown = "0".repeat(exported.length);
    const unknownRow = "00000000-0000-0000-0000-000000000000";
    const operations = await operationsOnOne(exported, invoice);
    const controls = await operationsOnOne(unknown, unknownRow);
    assert.ok(operations.length >= 60, `${operations.length} operations`);
    for (const [index, operation] of operations.entries()) {
      if (operation.method === "PUT") continue;
      const foreign = await request(bob, operation);
      const missing = await request(bob, controls[index] ?? operation);
      const what = JSON.stringify(operation);
      assert.equal(foreign.status, missing.status, what);
      assert.ok(foreign.status >= 400, what);
      assert.equal(
        comparable(comparable(foreign.text, exported), invoice),
        comparable(comparable(missing.text, unknown), unknownRow),
        what,
      );
    }
  });

  it("creates nothing over the resource of another tenant by PUT", async () => {
    const path = `/v1/invoice-exports/${exported}`;
    const body = { configuration: { invoice } };
    const put = await request(bob, { method: "PUT", path, body });
    assert.ok(put.status >= 400 && put.status < 500, `${put.status} ${put.text}`);
    assert.ok(!put.text.includes("Ada"), put.text);
    const unchanged = await send(`${shop.origin}${path}`, "GET", undefined, ann);
    assert.equal(unchanged.body["text"], "Ada owes 19.99 EUR.");
    assert.deepEqual(unchanged.body["metadata"], { order: "4711" });
  });

  it("lists nothing of another tenant, by any filter or cursor", async () => {
    const own = await send(`${shop.origin}/v1/invoice-exports?limit=1`, "GET", undefined, ann);
    const cursor = String(own.body["next"]);
    assert.match(cursor, /./);
    const queries = [
      "",
      `?id=${exported}`,
      "?metadata.order=4711",
      "?status=Ready",
      "?updatedAfter=2020-01-01T00:00:00Z",
      `?after=${encodeURIComponent(cursor)}`,
      `?id=${exported}&metadata.order=4711&status=Ready`,
    ];
    for (const query of queries) {
      const mine = await request(ann, { method: "GET", path: `/v1/invoice-exports${query}` });
      assert.ok(mine.text.includes(exported) || query.startsWith("?after"), `${query}: ${mine.text}`);
      const { status, text } = await request(bob, { method: "GET", path: `/v1/invoice-exports${query}` });
      assert.equal(status, 200, query);
      assert.deepEqual((JSON.parse(text) as { items: unknown }).items, [], query);
    }
    const rows = await request(bob, { method: "GET", path: "/invoices" });
    assert.deepEqual(JSON.parse(rows.text), { items: [] });
  });

  it("replays no reply of another tenant for the same Idempotency-Key", async () => {
    const path = "/v1/invoice-exports";
    const body = { configuration: { invoice }, metadata: { order: "4711" } };
    const headers = { "Idempotency-Key": '"one"', Prefer: "wait=30" };
    const replayed = await request(ann, { method: "POST", path, body, headers });
    assert.ok(replayed.text.includes(exported), replayed.text);
    const foreign = await request(bob, { method: "POST", path, body, headers });
    assert.ok(!foreign.text.includes(exported), foreign.text);
    // The work does not find the invoice among those of the tenant, as if it did not exist.
    const missing = await request(bob, {
      method: "POST",
      path,
      body: { configuration: { invoice: "unknown" } },
      headers: { Prefer: "wait=30" },
    });
    const errors = [foreign, missing].map(({ text }) => (JSON.parse(text) as { error: unknown }).error);
    assert.deepEqual(errors[0], errors[1]);
    assert.match(JSON.stringify(errors[0]), /invoice-unknown/);
  });

  it("refuses every operation without a token, and with one of another key", async () => {
    const operations = await operationsOnOne(exported, invoice);
    const lists = ["/invoices", "/v1/invoice-exports"].map((path) => ({ method: "GET", path }));
    const forged = await tokenOf("ann", "north", "another key of a test, with more than 32 bytes");
    for (const headers of [{}, forged]) {
      for (const operation of [...operations, ...lists]) {
        assert.equal((await request(headers, operation)).status, 401, JSON.stringify(operation));
      }
    }
  });
});
