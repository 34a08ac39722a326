import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";

const WAIT = { prefer: "wait=20" };

mountedTest("GET with Prefer: wait waits until settled", async ({ request, create, drive, clock }) => {
  const path = await create();
  const waiting = request("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  await drive.progress(path, 0.5);
  await drive.succeed(path);
  const { status, headers, json } = await waiting;
  assert.equal(status, 200);
  assert.equal(json.status, "Ready");
  assert.equal(headers.get("preference-applied"), "wait=20");
  assert.equal(clock.count(20_000), 0);
  // Settled already: the request does not wait.
  assert.equal((await request("GET", path, { headers: WAIT })).status, 200);
});

mountedTest(
  "GET with Prefer: wait answers with the present state when the time is up",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    const waiting = request("GET", path, { headers: WAIT });
    await clock.armed(20_000);
    await drive.progress(path, 0.5);
    clock.advance(20_000);
    const { status, headers, json } = await waiting;
    assert.deepEqual(
      { status, progress: json.progress, hasRetryAfter: headers.has("retry-after") },
      { status: 200, progress: "50%", hasRetryAfter: true },
    );
  },
);

mountedTest(
  "GET with If-None-Match and Prefer: wait waits until the representation changes",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    await drive.progress(path, 0.5);
    const { headers: first } = await request("GET", path);
    const waiting = request("GET", path, { headers: { ...WAIT, "if-none-match": first.get("etag") ?? "" } });
    await clock.armed(20_000);
    // A new version with the same representation ends no wait.
    await drive.progress(path, 0.5041);
    await drive.progress(path, 0.51);
    const { status, json } = await waiting;
    assert.deepEqual({ status, progress: json.progress }, { status: 200, progress: "51%" });
    // The client does not have the current state: answered at once.
    assert.equal(
      (await request("GET", path, { headers: { ...WAIT, "if-none-match": first.get("etag") ?? "" } })).status,
      200,
    );
  },
);

mountedTest(
  "the time remaining alone ends no wait, and a wait without a change ends with 304",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    await drive.progress(path, 0.5, { estimatedEndAt: clock.now() + 30_000 });
    const first = await request("GET", path);
    assert.equal(first.json.estimatedTimeRemaining, "30 seconds");
    const etag = first.headers.get("etag") ?? "";
    const waiting = request("GET", path, { headers: { ...WAIT, "if-none-match": etag } });
    await clock.armed(20_000);
    clock.advance(15_000);
    assert.equal((await request("GET", path)).json.estimatedTimeRemaining, "15 seconds");
    assert.equal(clock.count(20_000), 1, "still held");
    clock.advance(5000);
    const { status, headers, text } = await waiting;
    assert.deepEqual({ status, text }, { status: 304, text: "" });
    assert.equal(headers.get("etag"), etag, "the bytes that the client has are those of this tag");
    assert.ok(headers.has("retry-after"));
    // Without a wait, other bytes have another tag.
    assert.equal((await request("GET", path, { headers: { "if-none-match": etag } })).status, 200);
  },
);

mountedTest("?fields=status waits until the status changes", async ({ request, create, drive, clock }) => {
  const path = await create();
  const etag = (await request("GET", `${path}?fields=status`)).headers.get("etag") ?? "";
  const waiting = request("GET", `${path}?fields=status`, { headers: { ...WAIT, "if-none-match": etag } });
  await clock.armed(20_000);
  await drive.progress(path, 0.5);
  await drive.progress(path, 0.6, { status: "Booting" });
  assert.equal((await waiting).text, '{"status":"Booting"}');
});

mountedTest("a waiting GET of a resource that is deleted is 404", async ({ request, create, drive, clock }) => {
  const path = await create();
  const waiting = request("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  assert.equal((await request("DELETE", path)).status, 202);
  await drive.succeed(path, {});
  problem(await waiting, 404, "resource-deleted");
});

mountedTest("a client that disconnects ends its wait at once", async ({ send, create, clock }) => {
  const path = await create();
  const gone = new AbortController();
  const waiting = send({ path, headers: WAIT, signal: gone.signal }).catch(() => "gone");
  await clock.armed(20_000);
  gone.abort();
  await clock.armed(20_000, 0);
  // The promise resolves too, although the transport drops the response.
  await waiting;
});

mountedTest(
  "closing answers all waiting requests with the current state",
  async ({ request, create, handler, clock }) => {
    const path = await create();
    const etag = (await request("GET", path)).headers.get("etag") ?? "";
    const waiting = [
      request("GET", path, { headers: WAIT }),
      request("GET", path, { headers: { ...WAIT, "if-none-match": etag } }),
      request("POST", MACHINES, { headers: WAIT, body: { configuration: { os: "a", ram: "b" } } }),
    ];
    await clock.armed(20_000, 3);
    await handler.close();
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ status }) => status),
      [200, 304, 202],
    );
    assert.equal((await request("GET", path, { headers: WAIT })).status, 200, "nothing more is held");
  },
);

mountedTest("a change while a GET begins to wait is never lost", async ({ request, create, drive }) => {
  const paths = await Promise.all(Array.from({ length: 100 }, () => create()));
  const tags = await Promise.all(paths.map(async (path) => (await request("GET", path)).headers.get("etag") ?? ""));
  await Promise.all(paths.map((path) => drive.claim(path)));
  // No time passes, so neither a poll nor the end of the wait can make up for a lost notice.
  const waiting = paths.map((path, index) =>
    request("GET", path, { headers: { ...WAIT, "if-none-match": tags[index] ?? "" } }),
  );
  await Promise.all(paths.map((path) => drive.progress(path, 0.5)));
  for (const { status, json } of await Promise.all(waiting)) {
    assert.deepEqual({ status, progress: json.progress }, { status: 200, progress: "50%" });
  }
});

mountedTest("a lost notice costs one poll", async ({ request, create, clock, store }) => {
  const path = await create();
  const waiting = request("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  // Committed directly to the store, as by another node whose notice was lost.
  const target = { type: "virtual-machine", id: path.slice(MACHINES.length + 1) };
  const moment = { at: clock.now(), random: 0 };
  await store.apply([{ change: "event", target, event: { event: "cancel-requested" }, ...moment }]);
  await clock.armed(5000);
  clock.advance(5000);
  assert.equal((await waiting).json.status, "Cancelled");
});

mountedTest(
  "requests beyond the limit of long polls are answered at once",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    const waiting = request("GET", path, { headers: WAIT });
    await clock.armed(20_000);
    assert.equal((await request("GET", path, { headers: WAIT })).json.status, "Provisioning");
    await drive.succeed(path);
    assert.equal((await waiting).json.status, "Ready");
  },
  { maxLongPolls: 1 },
);
