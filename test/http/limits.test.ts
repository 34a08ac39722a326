import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authenticate } from "../../src/server/access/access.ts";
import { fetchHandler } from "../../src/server/http/fetch.ts";
import { openFixture } from "./harness/fixture.ts";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const authenticate: Authenticate = ({ header }) => ({ id: header("authorization") ?? "nobody" });
const as = (authorization: string) => ({ headers: { authorization } });
const body = { configuration: LINUX };

mountedTest(
  "each principal has its own limit of resources in progress",
  async ({ request, drive }) => {
    const create = (who: string) => request("POST", MACHINES, { ...as(who), body });
    const made = await Promise.all([create("ann"), create("ann")]);
    assert.deepEqual(
      made.map(({ status }) => status),
      [202, 202],
    );
    const refused = await create("ann");
    problem(refused, 429, "too-many-in-progress");
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    assert.match(refused.json.detail, /limit of resources in progress/);
    assert.equal((await create("bob")).status, 202);
    await drive.succeed(made[0]?.headers.get("location") ?? "");
    assert.equal((await create("ann")).status, 202);
    // Requests that free capacity are never rejected.
    const { status } = await request("DELETE", made[0]?.headers.get("location") ?? "", as("ann"));
    assert.equal(status, 202);
  },
  { authenticate, maxInProgressPerPrincipal: 2 },
);

mountedTest(
  "each principal has its own limit of long polls; one more is answered at once",
  async ({ request, clock, drive }) => {
    const made = await request("POST", MACHINES, { ...as("ann"), body });
    const path = made.headers.get("location") ?? "";
    const wait = { headers: { authorization: "ann", prefer: "wait=20" } };
    const waiting = [request("GET", path, wait), request("GET", path, wait)];
    await clock.armed(20_000, 2);
    const { status, json } = await request("GET", path, wait);
    assert.deepEqual({ status, label: json.status }, { status: 200, label: "Provisioning" });
    await drive.succeed(path);
    const responses = await Promise.all(waiting);
    assert.deepEqual(
      responses.map((response) => response.json.status),
      ["Ready", "Ready"],
    );
    // The answered requests have freed their places.
    assert.equal((await request("GET", path, wait)).status, 200);
  },
  { authenticate, maxLongPollsPerPrincipal: 2 },
);

mountedTest(
  "streams count towards the limit of long polls, those of the dashboard too",
  async ({ request, clock, drive }) => {
    const made = await request("POST", MACHINES, { ...as("ann"), body });
    const path = made.headers.get("location") ?? "";
    const stream = { headers: { authorization: "ann", accept: "text/event-stream" } };
    const watch = `/api/dashboard/watch?resources=${path.slice("/api/".length)}`;
    const open = [request("GET", path, stream), request("GET", watch, stream)];
    await clock.armed(15_000);
    await clock.armed(2000);
    assert.match((await request("GET", path, stream)).text, /event: resource/, "has the state, and ends");
    assert.doesNotMatch((await request("GET", watch, stream)).text, /event/);
    const others = request("GET", watch, { headers: { ...stream.headers, authorization: "bob" } });
    await clock.armed(2000, 2);
    await drive.succeed(path);
    await clock.armed(200);
    clock.advance(120_000);
    for (const { text } of await Promise.all([...open, others])) assert.match(text, /event/);
    // The closed streams have freed their places.
    assert.match((await request("GET", path, stream)).text, /event: resource/);
  },
  { authenticate, maxLongPollsPerPrincipal: 2 },
);

test("a stream whose client reads nothing keeps its place", { timeout: 20_000 }, async () => {
  await using fixture = await openFixture({ authenticate, maxLongPollsPerPrincipal: 1 });
  const send = fetchHandler(fixture.handler, { clock: fixture.clock });
  const get = (path: string, headers: Record<string, string>) =>
    send(new Request(`http://localhost${path}`, { headers: { authorization: "ann", ...headers } }));
  const made = await send(
    new Request(`http://localhost${MACHINES}`, {
      method: "POST",
      headers: { authorization: "ann", "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
  const path = made.headers.get("location") ?? "";
  // Its body is buffered up to the first event, and read no further.
  const unread = await get(path, { accept: "text/event-stream" });
  await new Promise(setImmediate);
  const wait = await get(path, { prefer: "wait=20" });
  assert.deepEqual([wait.status, wait.headers.get("retry-after") === null], [200, false], "answered at once");
  await unread.body?.cancel();
  const next = get(path, { prefer: "wait=20" });
  await fixture.clock.armed(20_000);
  await fixture.drive.succeed(path);
  assert.equal((await next).status, 200);
});
