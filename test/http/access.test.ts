import assert from "node:assert/strict";
import type { Authenticate, Authorize } from "../../src/server/access/access.ts";
import { everyMount, MACHINES, problem } from "./harness/every-mount.ts";
import { LINUX } from "./harness/types.ts";

/** `Bearer ann`, or `Bearer bob/team`. */
const authenticate: Authenticate = ({ headers }) => {
  const [, id, owner] = /^Bearer ([a-z]+)(?:\/([a-z]+))?$/.exec(headers.get("authorization") ?? "") ?? [];
  if (id === undefined) return null;
  return owner === undefined ? { id } : { id, owner };
};

const as = (who: string) => ({ headers: { authorization: `Bearer ${who}` } });

everyMount(
  "without valid credentials everything is 401, whether it is there or not",
  async ({ ask, store }) => {
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
        const refused = await ask(method, path, {
          headers,
          ...(method === "POST" ? { body: { configuration: LINUX } } : {}),
        });
        problem(refused, 401, "unauthenticated");
        assert.equal(refused.headers.get("www-authenticate"), 'Bearer realm="test"');
      }
    }
    assert.equal((await ask("OPTIONS", MACHINES, as("ann"))).status, 204);
    assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
  },
  { authenticate, challenge: 'Bearer realm="test"' },
);

everyMount(
  "a resource of another owner is 404 in every way, also once deleted",
  async ({ ask, drive }) => {
    const made = await ask("POST", MACHINES, { ...as("ann"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    const all = () => [
      ask("GET", path, as("bob")),
      ask("HEAD", path, as("bob")),
      ask("PUT", path, { ...as("bob"), body: { configuration: LINUX } }),
      ask("PATCH", path, { ...as("bob"), body: {} }),
      ask("DELETE", path, as("bob")),
      ask("POST", `${path}/cancel`, as("bob")),
      ask("POST", `${path}/retry`, as("bob")),
      ask("POST", `${path}/stop`, as("bob")),
      ask("POST", `${path}/approval`, { ...as("bob"), body: { approved: true, by: "bob" } }),
      ask("GET", `${path}/history`, as("bob")),
    ];
    const unknown = await ask("GET", `${MACHINES}/unknown`, as("bob"));
    for (const refused of await Promise.all(all())) {
      assert.equal(refused.status, 404);
      if (refused.text !== "") assert.equal(refused.json.detail, unknown.json.detail);
    }
    assert.equal((await ask("GET", path, as("ann"))).status, 200);
    assert.equal((await ask("GET", MACHINES, as("ann"))).json.items.length, 1);
    assert.equal((await ask("GET", MACHINES, as("bob"))).json.items.length, 0);
    const url = new URL(made.headers.get("operation-location") ?? "");
    assert.equal((await ask("GET", url.pathname + url.search, as("ann"))).status, 200);
    problem(await ask("GET", url.pathname + url.search, as("bob")), 404, "operation-not-found");

    await ask("DELETE", path, as("ann"));
    await drive.succeed(path, {});
    problem(await ask("GET", path, as("ann")), 404, "resource-deleted");
    problem(await ask("GET", path, as("bob")), 404, "resource-not-found");
  },
  { authenticate, operations: true },
);

everyMount(
  "principals of one owner share",
  async ({ ask }) => {
    const made = await ask("POST", MACHINES, { ...as("ann/team"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    assert.equal((await ask("GET", path, as("bob/team"))).status, 200);
    assert.equal((await ask("GET", MACHINES, as("bob/team"))).json.items.length, 1);
    assert.equal((await ask("GET", path, as("bob"))).status, 404);
  },
  { authenticate },
);

everyMount(
  "an Idempotency-Key is the principal's own",
  async ({ ask, store }) => {
    const post = (who: string) =>
      ask("POST", MACHINES, {
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

everyMount(
  "an invalid return value of authenticate is 401",
  async ({ ask }) => {
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
      problem(await ask("GET", MACHINES, { headers: { "x-who": who } }), 401, "unauthenticated");
    }
    assert.equal((await ask("GET", MACHINES, { headers: { "x-who": '{"id":"a"}' } })).status, 200);
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

everyMount(
  "authorize can reject with 403, and allow other owners' resources",
  async ({ ask, drive }) => {
    problem(await ask("POST", MACHINES, { ...as("reader"), body: { configuration: LINUX } }), 403, "forbidden");
    assert.equal((await ask("GET", MACHINES, as("reader"))).status, 200);

    const made = await ask("POST", MACHINES, { ...as("blocked"), body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    problem(await ask("GET", path, as("blocked")), 403, "forbidden");
    problem(await ask("DELETE", path, as("reader")), 404, "resource-not-found");
    assert.equal((await ask("GET", path, as("admin"))).status, 200);
    assert.equal(
      (await ask("GET", MACHINES, as("admin"))).json.items.length,
      1,
      "true of a collection lists everybody's",
    );
    assert.equal((await ask("GET", MACHINES, as("reader"))).json.items.length, 0);
    await drive.succeed(path);
    assert.equal((await ask("PATCH", path, { ...as("admin"), body: { configuration: { ram: "1GB" } } })).status, 202);
    assert.equal((await drive.row(path)).owner, "blocked", "it stays its owner's");
  },
  { authenticate, authorize },
);
