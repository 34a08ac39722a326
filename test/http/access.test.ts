import assert from "node:assert/strict";
import type { Authenticate, Authorize } from "../../src/server/access/access.ts";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

/** `Bearer ann`, or `Bearer bob/team`. */
const authenticate: Authenticate = ({ headers }) => {
  const [, id, owner] = /^Bearer ([a-z]+)(?:\/([a-z]+))?$/.exec(headers.get("authorization") ?? "") ?? [];
  if (id === undefined) return null;
  return owner === undefined ? { id } : { id, owner };
};

const as = (who: string) => ({ headers: { authorization: `Bearer ${who}` } });

mountedTest(
  "without valid credentials everything is 401, whether it is there or not",
  async ({ request, store }) => {
    for (const headers of [{}, { authorization: "Basic x" }]) {
      for (const [method, path] of [
        ["GET", MACHINES],
        ["GET", `${MACHINES}/a`],
        ["POST", MACHINES],
        ["DELETE", `${MACHINES}/a`],
        ["POST", `${MACHINES}/a/cancel`],
        ["OPTIONS", MACHINES],
        ["PUT", MACHINES],
        ["GET", "/api/nothing"],
        ["GET", `${MACHINES}/a%00b`],
      ] as const) {
        const refused = await request(method, path, {
          headers,
          ...(method === "POST" ? { body: { configuration: LINUX } } : {}),
        });
        problem(refused, 401, "unauthenticated");
        assert.equal(refused.headers.get("www-authenticate"), 'Bearer realm="test"');
      }
    }
    assert.equal((await request("OPTIONS", MACHINES, as("ann"))).status, 204);
    assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
  },
  { authenticate, challenge: 'Bearer realm="test"' },
);

mountedTest(
  "a resource of another owner is 404 in every way, also once deleted",
  async ({ request, drive }) => {
    const made = await request("POST", MACHINES, { ...as("ann"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    const all = () => [
      request("GET", path, as("bob")),
      request("HEAD", path, as("bob")),
      request("PUT", path, { ...as("bob"), body: { configuration: LINUX } }),
      request("PATCH", path, { ...as("bob"), body: {} }),
      request("DELETE", path, as("bob")),
      request("POST", `${path}/cancel`, as("bob")),
      request("POST", `${path}/retry`, as("bob")),
      request("POST", `${path}/stop`, as("bob")),
      request("POST", `${path}/approval`, { ...as("bob"), body: { approved: true, by: "bob" } }),
      request("GET", `${path}/history`, as("bob")),
    ];
    const unknown = await request("GET", `${MACHINES}/unknown`, as("bob"));
    for (const refused of await Promise.all(all())) {
      assert.equal(refused.status, 404);
      if (refused.text !== "") assert.equal(refused.json.detail, unknown.json.detail);
    }
    assert.equal((await request("GET", path, as("ann"))).status, 200);
    assert.equal((await request("GET", MACHINES, as("ann"))).json.items.length, 1);
    assert.equal((await request("GET", MACHINES, as("bob"))).json.items.length, 0);
    const url = new URL(made.headers.get("operation-location") ?? "");
    assert.equal((await request("GET", url.pathname + url.search, as("ann"))).status, 200);
    problem(await request("GET", url.pathname + url.search, as("bob")), 404, "operation-not-found");

    await request("DELETE", path, as("ann"));
    await drive.succeed(path, {});
    problem(await request("GET", path, as("ann")), 404, "resource-deleted");
    problem(await request("GET", path, as("bob")), 404, "resource-not-found");
  },
  { authenticate, operations: true },
);

mountedTest(
  "principals of one owner share",
  async ({ request }) => {
    const made = await request("POST", MACHINES, { ...as("ann/team"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    assert.equal((await request("GET", path, as("bob/team"))).status, 200);
    assert.equal((await request("GET", MACHINES, as("bob/team"))).json.items.length, 1);
    assert.equal((await request("GET", path, as("bob"))).status, 404);
  },
  { authenticate },
);

mountedTest(
  "an Idempotency-Key is the principal's own",
  async ({ request, store }) => {
    const post = (who: string) =>
      request("POST", MACHINES, {
        headers: { ...as(who).headers, "idempotency-key": "k" },
        body: { configuration: LINUX },
      });
    const [ann, bob] = [await post("ann"), await post("bob")];
    assert.notEqual(ann.headers.get("location"), bob.headers.get("location"));
    assert.equal((await post("ann")).text, ann.text);
    assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 2);
  },
  { authenticate },
);

mountedTest(
  "an invalid return value of authenticate is 401",
  async ({ request }) => {
    for (const who of [
      "undefined",
      "false",
      "{}",
      '{"id":""}',
      '{"id":1}',
      String.raw`{"id":"a\u0000"}`,
      '{"id":"a","owner":""}',
      '"a"',
      "[]",
    ]) {
      problem(await request("GET", MACHINES, { headers: { "x-who": who } }), 401, "unauthenticated");
    }
    assert.equal((await request("GET", MACHINES, { headers: { "x-who": '{"id":"a"}' } })).status, 200);
  },
  {
    authenticate: ({ header }) => {
      const who = header("x-who") ?? "null";
      return who === "undefined" ? (undefined as unknown as null) : (JSON.parse(who) as null);
    },
  },
);

const authorize: Authorize = async ({ principal, method, resource }) => {
  if (principal.id === "admin") return true;
  if (principal.id === "reader" && method !== "GET") return false;
  if (principal.id === "blocked" && resource !== undefined) return false;
  return undefined;
};

mountedTest(
  "authorize can reject with 403, and allow other owners' resources",
  async ({ request, drive }) => {
    problem(await request("POST", MACHINES, { ...as("reader"), body: { configuration: LINUX } }), 403, "forbidden");
    assert.equal((await request("GET", MACHINES, as("reader"))).status, 200);

    const made = await request("POST", MACHINES, { ...as("blocked"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    problem(await request("GET", path, as("blocked")), 403, "forbidden");
    problem(await request("DELETE", path, as("reader")), 404, "resource-not-found");
    assert.equal((await request("GET", path, as("admin"))).status, 200);
    assert.equal(
      (await request("GET", MACHINES, as("admin"))).json.items.length,
      1,
      "true of a collection lists everybody's",
    );
    assert.equal((await request("GET", MACHINES, as("reader"))).json.items.length, 0);
    await drive.succeed(path);
    assert.equal(
      (await request("PATCH", path, { ...as("admin"), body: { configuration: { ram: "1GB" } } })).status,
      202,
    );
    assert.equal((await drive.row(path)).owner, "blocked", "it stays its owner's");
  },
  { authenticate, authorize },
);
