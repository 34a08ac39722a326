import assert from "node:assert/strict";
import { type Asked, everyMount, MACHINES, problem } from "./harness/every-mount.ts";
import { LINUX } from "./harness/types.ts";

const KEY = { "idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
const BODY = { configuration: LINUX };

const shown = ({ status, headers, text }: Asked): unknown[] => [
  status,
  headers.get("location"),
  headers.get("etag"),
  headers.get("retry-after"),
  text,
];

everyMount("POST with the same key gives the same answer, and one resource", async ({ ask, store, drive }) => {
  const first = await ask("POST", MACHINES, { headers: KEY, body: BODY });
  assert.equal(first.status, 202);
  assert.equal((await ask("GET", first.headers.get("location") ?? "")).headers.get("etag"), first.headers.get("etag"));
  assert.deepEqual(shown(await ask("POST", MACHINES, { headers: KEY, body: BODY })), shown(first));
  await drive.succeed(first.headers.get("location") ?? "");
  assert.deepEqual(shown(await ask("POST", MACHINES, { headers: KEY, body: BODY })), shown(first), "also once settled");
  assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
  const bare = { "idempotency-key": KEY["idempotency-key"].replaceAll('"', "") };
  assert.deepEqual(
    shown(await ask("POST", MACHINES, { headers: bare, body: BODY })),
    shown(first),
    "a bare token is the same key",
  );
  const minimal = await ask("POST", MACHINES, { headers: { ...KEY, prefer: "return=minimal" }, body: BODY });
  assert.deepEqual({ status: minimal.status, text: minimal.text }, { status: 202, text: "" });
});

everyMount("the same key for another request is 422", async ({ ask, create }) => {
  const path = await create();
  assert.equal((await ask("POST", MACHINES, { headers: KEY, body: BODY })).status, 202);
  const others = [
    ask("POST", MACHINES, { headers: KEY, body: { configuration: { ...LINUX, ram: "1GB" } } }),
    ask("POST", MACHINES, {
      headers: { ...KEY, "content-type": "application/json" },
      body: `${JSON.stringify(BODY)} `,
    }),
    ask("PUT", `${MACHINES}/mine`, { headers: KEY, body: BODY }),
    ask("PATCH", path, { headers: KEY, body: {} }),
    ask("POST", `${path}/cancel`, { headers: KEY }),
  ];
  for (const other of await Promise.all(others)) problem(other, 422, "idempotency-key-reused");
});

everyMount("a key is kept over deletion and creates nothing then", async ({ ask, store }) => {
  const post = () => ask("POST", "/api/notes", { headers: KEY, body: { configuration: { text: "a" } } });
  const first = await post();
  assert.equal((await ask("DELETE", first.headers.get("location") ?? "")).status, 204);
  assert.deepEqual(shown(await post()), shown(first));
  assert.deepEqual(await store.list({ type: "note", limit: 1 }), []);
});

everyMount("PUT, PATCH, actions, cancel, retry and messages are repeatable too", async ({ ask, drive }) => {
  const path = `${MACHINES}/mine`;
  const settle = () => drive.succeed(path);
  const requests: [string, string, object | undefined, () => Promise<unknown>][] = [
    ["PUT", path, BODY, settle],
    ["PUT", path, { configuration: { ...LINUX, ram: "1GB" } }, settle],
    ["PATCH", path, { configuration: { ram: "2GB" } }, () => drive.fail(path)],
    ["POST", `${path}/retry`, undefined, settle],
    ["POST", `${path}/stop`, { force: true }, () => drive.claim(path)],
    ["POST", `${path}/approval`, { approved: true, by: "me" }, async () => {}],
    ["POST", `${path}/cancel`, undefined, () => drive.says(path, { event: "cancelled" })],
    // Changes nothing, but its response is stored all the same.
    ["PATCH", path, { configuration: { ram: "2GB" } }, async () => {}],
  ];
  const answers: Asked[] = [];
  for (const [index, [method, target, body, after]] of requests.entries()) {
    const sent = { headers: { "idempotency-key": `key-${index}` }, ...(body === undefined ? {} : { body }) };
    const first = await ask(method, target, sent);
    assert.ok(first.status === 202 || first.status === 200, `${method} ${target}: ${first.text}`);
    answers.push(first);
    assert.deepEqual(shown(await ask(method, target, sent)), shown(first), `${method} ${target}, at once`);
    await after();
  }
  const { operation } = await drive.row(path);
  assert.equal(operation.receivedCount, 1);
  for (const [index, [method, target, body]] of requests.entries()) {
    const sent = { headers: { "idempotency-key": `key-${index}` }, ...(body === undefined ? {} : { body }) };
    const answer = answers[index];
    assert.ok(answer !== undefined);
    assert.deepEqual(shown(await ask(method, target, sent)), shown(answer), `${method} ${target}, at the end`);
  }
});

everyMount("a keyed cancel never shows an operation as settled that may be running", async ({ ask, create, drive }) => {
  const path = await create();
  const cancelled = await ask("POST", `${path}/cancel`, { headers: KEY });
  assert.deepEqual(
    {
      cancelledStatus: cancelled.status,
      label: cancelled.json.status,
      hasRetryAfter: cancelled.headers.has("retry-after"),
    },
    { cancelledStatus: 202, label: "Provisioning", hasRetryAfter: true },
  );
  assert.equal((await drive.row(path)).status, "Cancelled");
});

everyMount("a rejected request leaves its key free", async ({ ask }) => {
  problem(await ask("POST", MACHINES, { headers: KEY, body: { configuration: {} } }), 422, "validation");
  assert.equal((await ask("POST", MACHINES, { headers: KEY, body: BODY })).status, 202);
});

everyMount("Prefer: wait applies to a repetition as to the first", async ({ ask, drive, clock, store }) => {
  const headers = { ...KEY, prefer: "wait=20" };
  const asked = [1, 2, 3].map(() => ask("POST", MACHINES, { headers, body: BODY }));
  await clock.armed(20_000, 3);
  const [row] = await store.list({ type: "virtual-machine", limit: 2 });
  await drive.succeed(`${MACHINES}/${row?.id}`);
  const late = ask("POST", MACHINES, { headers, body: BODY });
  for (const { status, json } of await Promise.all([...asked, late])) {
    assert.deepEqual({ status, label: json.status }, { status: 201, label: "Ready" });
  }
});

everyMount("an invalid key is rejected", async ({ ask, store }) => {
  for (const wrong of ['""', '"a', "a b", '"a" "b"', '"a", "b"', "a,b", `"${"x".repeat(256)}"`, String.raw`"\x"`]) {
    problem(await ask("POST", MACHINES, { headers: { "idempotency-key": wrong }, body: BODY }), 400, "invalid-header");
  }
  assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
});

everyMount("200 racing POSTs with one key give one resource and 200 equal answers", async ({ ask, store }) => {
  const sent = { headers: KEY, body: BODY };
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask("POST", MACHINES, sent)));
  const [first] = answers;
  assert.ok(first?.status === 202);
  for (const answer of answers) assert.deepEqual(shown(answer), shown(first));
  assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
});
