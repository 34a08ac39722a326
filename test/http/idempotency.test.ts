import assert from "node:assert/strict";
import { type JsonResponse, mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const KEY = { "idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
const BODY = { configuration: LINUX };

const shown = ({ status, headers, text }: JsonResponse): unknown[] => [
  status,
  headers.get("location"),
  headers.get("etag"),
  headers.get("retry-after"),
  text,
];

mountedTest("POST with the same key gives the same answer, and one resource", async ({ request, store, drive }) => {
  const first = await request("POST", MACHINES, { headers: KEY, body: BODY });
  assert.equal(first.status, 202);
  assert.equal(
    (await request("GET", first.headers.get("location") ?? "")).headers.get("etag"),
    first.headers.get("etag"),
  );
  assert.deepEqual(shown(await request("POST", MACHINES, { headers: KEY, body: BODY })), shown(first));
  await drive.succeed(first.headers.get("location") ?? "");
  assert.deepEqual(
    shown(await request("POST", MACHINES, { headers: KEY, body: BODY })),
    shown(first),
    "also once settled",
  );
  assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
  const bare = { "idempotency-key": KEY["idempotency-key"].replaceAll('"', "") };
  assert.deepEqual(
    shown(await request("POST", MACHINES, { headers: bare, body: BODY })),
    shown(first),
    "a bare token is the same key",
  );
  const minimal = await request("POST", MACHINES, { headers: { ...KEY, prefer: "return=minimal" }, body: BODY });
  assert.deepEqual({ status: minimal.status, text: minimal.text }, { status: 202, text: "" });
});

mountedTest("the same key for another request is 422", async ({ request, create }) => {
  const path = await create();
  assert.equal((await request("POST", MACHINES, { headers: KEY, body: BODY })).status, 202);
  const others = [
    request("POST", MACHINES, { headers: KEY, body: { configuration: { ...LINUX, ram: "1GB" } } }),
    request("POST", MACHINES, {
      headers: { ...KEY, "content-type": "application/json" },
      body: `${JSON.stringify(BODY)} `,
    }),
    request("PUT", `${MACHINES}/mine`, { headers: KEY, body: BODY }),
    request("PATCH", path, { headers: KEY, body: {} }),
    request("POST", `${path}/cancel`, { headers: KEY }),
  ];
  for (const other of await Promise.all(others)) problem(other, 422, "idempotency-key-reused");
});

mountedTest("a key is kept over deletion and creates nothing then", async ({ request, store }) => {
  const post = () => request("POST", "/api/notes", { headers: KEY, body: { configuration: { text: "a" } } });
  const first = await post();
  assert.equal((await request("DELETE", first.headers.get("location") ?? "")).status, 204);
  assert.deepEqual(shown(await post()), shown(first));
  assert.deepEqual(await store.list({ type: "note", limit: 1 }), []);
});

mountedTest("PUT, PATCH, actions, cancel, retry and messages are repeatable too", async ({ request, drive }) => {
  const path = `${MACHINES}/mine`;
  const settle = () => drive.succeed(path);
  const requests: [string, string, object | undefined, () => Promise<unknown>][] = [
    ["PUT", path, BODY, settle],
    ["PUT", path, { configuration: { ...LINUX, ram: "1GB" } }, settle],
    ["PATCH", path, { configuration: { ram: "2GB" } }, () => drive.fail(path)],
    ["POST", `${path}/retry`, undefined, settle],
    ["POST", `${path}/stop`, { force: true }, () => drive.claim(path)],
    ["POST", `${path}/approval`, { approved: true, by: "me" }, async () => {}],
    ["POST", `${path}/cancel`, undefined, () => drive.reportEvent(path, { event: "cancelled" })],
    // Changes nothing, but its response is stored all the same.
    ["PATCH", path, { configuration: { ram: "2GB" } }, async () => {}],
  ];
  const responses: JsonResponse[] = [];
  for (const [index, [method, target, body, after]] of requests.entries()) {
    const sent = { headers: { "idempotency-key": `key-${index}` }, ...(body === undefined ? {} : { body }) };
    const first = await request(method, target, sent);
    assert.ok(first.status === 202 || first.status === 200, `${method} ${target}: ${first.text}`);
    responses.push(first);
    assert.deepEqual(shown(await request(method, target, sent)), shown(first), `${method} ${target}, at once`);
    await after();
  }
  const { operation } = await drive.row(path);
  assert.equal(operation.receivedCount, 1);
  for (const [index, [method, target, body]] of requests.entries()) {
    const sent = { headers: { "idempotency-key": `key-${index}` }, ...(body === undefined ? {} : { body }) };
    const response = responses[index];
    assert.ok(response !== undefined);
    assert.deepEqual(shown(await request(method, target, sent)), shown(response), `${method} ${target}, at the end`);
  }
});

mountedTest(
  "a keyed cancel never shows an operation as settled that may be running",
  async ({ request, create, drive }) => {
    const path = await create();
    const cancelled = await request("POST", `${path}/cancel`, { headers: KEY });
    assert.deepEqual(
      {
        cancelledStatus: cancelled.status,
        label: cancelled.json.status,
        hasRetryAfter: cancelled.headers.has("retry-after"),
      },
      { cancelledStatus: 202, label: "Provisioning", hasRetryAfter: true },
    );
    assert.equal((await drive.row(path)).status, "Cancelled");
  },
);

mountedTest("a keyed cancel shows the cancelling label, as one without a key", async ({ request, create, drive }) => {
  const path = await create();
  await drive.claim(path);
  const cancelled = await request("POST", `${path}/cancel`, { headers: KEY });
  assert.deepEqual({ status: cancelled.status, label: cancelled.json.status }, { status: 202, label: "Cancelling" });
  assert.deepEqual(shown(cancelled), shown(await request("POST", `${path}/cancel`, { headers: KEY })));
  assert.equal((await request("GET", path)).headers.get("etag"), cancelled.headers.get("etag"));
});

mountedTest("a rejected request leaves its key free", async ({ request }) => {
  problem(await request("POST", MACHINES, { headers: KEY, body: { configuration: {} } }), 422, "validation");
  assert.equal((await request("POST", MACHINES, { headers: KEY, body: BODY })).status, 202);
});

mountedTest("Prefer: wait applies to a repetition as to the first", async ({ request, drive, clock, store }) => {
  const headers = { ...KEY, prefer: "wait=20" };
  const pending = [1, 2, 3].map(() => request("POST", MACHINES, { headers, body: BODY }));
  await clock.armed(20_000, 3);
  const [row] = await store.list({ type: "virtual-machine", limit: 2 });
  await drive.succeed(`${MACHINES}/${row?.id}`);
  const late = request("POST", MACHINES, { headers, body: BODY });
  for (const { status, json } of await Promise.all([...pending, late])) {
    assert.deepEqual({ status, label: json.status }, { status: 201, label: "Ready" });
  }
});

mountedTest("an invalid key is rejected", async ({ request, store }) => {
  for (const wrong of ['""', '"a', "a b", '"a" "b"', '"a", "b"', "a,b", `"${"x".repeat(256)}"`, String.raw`"\x"`]) {
    problem(
      await request("POST", MACHINES, { headers: { "idempotency-key": wrong }, body: BODY }),
      400,
      "invalid-header",
    );
  }
  assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
});

mountedTest("200 racing POSTs with one key give one resource and 200 equal answers", async ({ request, store }) => {
  const sent = { headers: KEY, body: BODY };
  const responses = await Promise.all(Array.from({ length: 200 }, () => request("POST", MACHINES, sent)));
  const [first] = responses;
  assert.ok(first?.status === 202);
  for (const response of responses) assert.deepEqual(shown(response), shown(first));
  assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
});
