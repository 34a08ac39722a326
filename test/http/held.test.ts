import assert from "node:assert/strict";
import { everyMount, MACHINES, problem } from "./harness/every-mount.ts";

const WAIT = { prefer: "wait=20" };

everyMount("GET with Prefer: wait waits until settled", async ({ ask, create, drive, clock }) => {
  const path = await create();
  const held = ask("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  await drive.progress(path, 0.5);
  await drive.succeed(path);
  const { status, headers, json } = await held;
  assert.equal(status, 200);
  assert.equal(json.status, "Ready");
  assert.equal(headers.get("preference-applied"), "wait=20");
  assert.equal(clock.count(20_000), 0);
  // Settled already: the request does not wait.
  assert.equal((await ask("GET", path, { headers: WAIT })).status, 200);
});

everyMount(
  "GET with Prefer: wait answers with the present state when the time is up",
  async ({ ask, create, drive, clock }) => {
    const path = await create();
    const held = ask("GET", path, { headers: WAIT });
    await clock.armed(20_000);
    await drive.progress(path, 0.5);
    clock.advance(20_000);
    const { status, headers, json } = await held;
    assert.deepEqual(
      { status, progress: json.progress, hasRetryAfter: headers.has("retry-after") },
      { status: 200, progress: "50%", hasRetryAfter: true },
    );
  },
);

everyMount(
  "GET with If-None-Match and Prefer: wait waits until the representation changes",
  async ({ ask, create, drive, clock }) => {
    const path = await create();
    await drive.progress(path, 0.5);
    const { headers: first } = await ask("GET", path);
    const held = ask("GET", path, { headers: { ...WAIT, "if-none-match": first.get("etag") ?? "" } });
    await clock.armed(20_000);
    // A new version with the same representation ends no wait.
    await drive.progress(path, 0.5041);
    await drive.progress(path, 0.51);
    const { status, json } = await held;
    assert.deepEqual({ status, progress: json.progress }, { status: 200, progress: "51%" });
    // The client does not have the current state: answered at once.
    assert.equal(
      (await ask("GET", path, { headers: { ...WAIT, "if-none-match": first.get("etag") ?? "" } })).status,
      200,
    );
  },
);

everyMount(
  "the time remaining alone ends no wait, and a wait without a change ends with 304",
  async ({ ask, create, drive, clock }) => {
    const path = await create();
    await drive.progress(path, 0.5, { estimatedEndAt: clock.now() + 30_000 });
    const first = await ask("GET", path);
    assert.equal(first.json.estimatedTimeRemaining, "30 seconds");
    const etag = first.headers.get("etag") ?? "";
    const held = ask("GET", path, { headers: { ...WAIT, "if-none-match": etag } });
    await clock.armed(20_000);
    clock.advance(15_000);
    assert.equal((await ask("GET", path)).json.estimatedTimeRemaining, "15 seconds");
    assert.equal(clock.count(20_000), 1, "still held");
    clock.advance(5000);
    const { status, headers, text } = await held;
    assert.deepEqual({ status, text }, { status: 304, text: "" });
    assert.equal(headers.get("etag"), etag, "the bytes that the client has are those of this tag");
    assert.ok(headers.has("retry-after"));
    // Without a wait, other bytes have another tag.
    assert.equal((await ask("GET", path, { headers: { "if-none-match": etag } })).status, 200);
  },
);

everyMount("?fields=status waits until the status changes", async ({ ask, create, drive, clock }) => {
  const path = await create();
  const etag = (await ask("GET", `${path}?fields=status`)).headers.get("etag") ?? "";
  const held = ask("GET", `${path}?fields=status`, { headers: { ...WAIT, "if-none-match": etag } });
  await clock.armed(20_000);
  await drive.progress(path, 0.5);
  await drive.progress(path, 0.6, { status: "Booting" });
  assert.equal((await held).text, '{"status":"Booting"}');
});

everyMount("a waiting GET of a resource that is deleted is 404", async ({ ask, create, drive, clock }) => {
  const path = await create();
  const held = ask("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  assert.equal((await ask("DELETE", path)).status, 202);
  await drive.succeed(path, {});
  problem(await held, 404, "resource-deleted");
});

everyMount("a client that disconnects ends its wait at once", async ({ send, create, clock }) => {
  const path = await create();
  const gone = new AbortController();
  const held = send({ path, headers: WAIT, signal: gone.signal }).catch(() => "gone");
  await clock.armed(20_000);
  gone.abort();
  await clock.armed(20_000, 0);
  // The promise resolves too, although the transport drops the response.
  await held;
});

everyMount("closing answers all waiting requests with the current state", async ({ ask, create, handler, clock }) => {
  const path = await create();
  const etag = (await ask("GET", path)).headers.get("etag") ?? "";
  const held = [
    ask("GET", path, { headers: WAIT }),
    ask("GET", path, { headers: { ...WAIT, "if-none-match": etag } }),
    ask("POST", MACHINES, { headers: WAIT, body: { configuration: { os: "a", ram: "b" } } }),
  ];
  await clock.armed(20_000, 3);
  await handler.close();
  assert.deepEqual(
    (await Promise.all(held)).map(({ status }) => status),
    [200, 304, 202],
  );
  assert.equal((await ask("GET", path, { headers: WAIT })).status, 200, "nothing more is held");
});

everyMount("a change while a GET begins to wait is never lost", async ({ ask, create, drive }) => {
  const paths = await Promise.all(Array.from({ length: 100 }, () => create()));
  const tags = await Promise.all(paths.map(async (path) => (await ask("GET", path)).headers.get("etag") ?? ""));
  await Promise.all(paths.map((path) => drive.claim(path)));
  // No time passes, so neither a poll nor the end of the wait can make up for a lost notice.
  const held = paths.map((path, index) =>
    ask("GET", path, { headers: { ...WAIT, "if-none-match": tags[index] ?? "" } }),
  );
  await Promise.all(paths.map((path) => drive.progress(path, 0.5)));
  for (const { status, json } of await Promise.all(held)) {
    assert.deepEqual({ status, progress: json.progress }, { status: 200, progress: "50%" });
  }
});

everyMount("a lost notice costs one poll", async ({ ask, create, clock, store }) => {
  const path = await create();
  const held = ask("GET", path, { headers: WAIT });
  await clock.armed(20_000);
  // Committed directly to the store, as by another node whose notice was lost.
  const target = { type: "virtual-machine", id: path.slice(MACHINES.length + 1) };
  const moment = { at: clock.now(), random: 0 };
  await store.apply([{ change: "event", target, event: { event: "cancel-requested" }, ...moment }]);
  await clock.armed(5000);
  clock.advance(5000);
  assert.equal((await held).json.status, "Cancelled");
});

everyMount(
  "requests beyond the limit of long polls are answered at once",
  async ({ ask, create, drive, clock }) => {
    const path = await create();
    const held = ask("GET", path, { headers: WAIT });
    await clock.armed(20_000);
    assert.equal((await ask("GET", path, { headers: WAIT })).json.status, "Provisioning");
    await drive.succeed(path);
    assert.equal((await held).json.status, "Ready");
  },
  { maxLongPolls: 1 },
);
