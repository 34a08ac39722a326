import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

mountedTest("POST is the exchange of the pattern, to the byte", async ({ request, drive, clock }) => {
  const { status, headers, text } = await request("POST", MACHINES, { body: { configuration: LINUX } });
  assert.equal(status, 202);
  const location = headers.get("location") ?? "";
  const id = location.slice(MACHINES.length + 1);
  assert.match(location, /^\/api\/virtual-machines\/[0-9a-z]{22}$/);
  assert.match(headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
  const configuration = `{"os":"Linux","ram":"16GB","storage":"256GB SSD"}`;
  assert.equal(text, `{"id":"${id}","status":"Provisioning","configuration":${configuration}}`);

  await drive.progress(location, 0.5, { estimatedEndAt: clock.now() + 15 * 60_000 });
  const during = await request("GET", location);
  assert.equal(
    during.text,
    `{"id":"${id}","status":"Provisioning","configuration":${configuration},"progress":"50%","estimatedTimeRemaining":"15 minutes"}`,
  );
  assert.equal(during.headers.get("content-type"), "application/json");
  assert.ok(during.headers.has("retry-after"));

  await drive.succeed(location);
  const after = await request("GET", location);
  assert.equal(
    after.text,
    `{"id":"${id}","status":"Ready","configuration":${configuration},"IPAddress":"192.168.1.10"}`,
  );
  assert.equal(after.status, 200);
  assert.equal(after.headers.has("retry-after"), false);
});

mountedTest("POST stores what the schema makes of a configuration", async ({ request }) => {
  const { json } = await request("POST", MACHINES, { body: { configuration: { os: "Linux", ram: "1GB" } } });
  assert.deepEqual(json.configuration, { os: "Linux", ram: "1GB", storage: "64GB SSD" });
});

mountedTest("POST answers with the ETag of what it shows", async ({ request }) => {
  const made = await request("POST", MACHINES, { body: { configuration: LINUX } });
  const read = await request("GET", made.headers.get("location") ?? "");
  assert.equal(read.text, made.text);
  assert.equal(read.headers.get("etag"), made.headers.get("etag"));
});

mountedTest("Prefer: return=minimal leaves out the body", async ({ request }) => {
  const made = await request("POST", MACHINES, {
    body: { configuration: LINUX },
    headers: { prefer: "return=minimal" },
  });
  assert.equal(made.status, 202);
  assert.equal(made.text, "");
  assert.equal(made.headers.get("preference-applied"), "return=minimal");
  assert.ok(made.headers.has("location") && made.headers.has("etag") && made.headers.has("retry-after"));
  assert.equal(made.headers.has("content-type"), false);
});

mountedTest("POST with Prefer: wait is 201 once settled, in whatever way", async ({ request, drive, clock, store }) => {
  for (const settle of [(path: string) => drive.succeed(path), (path: string) => drive.fail(path)]) {
    const pending = request("POST", MACHINES, { body: { configuration: LINUX }, headers: { prefer: "wait=10" } });
    await clock.armed(10_000);
    const [row] = await store.list({ type: "virtual-machine", statuses: ["Provisioning"], limit: 1 });
    await settle(`${MACHINES}/${row?.id}`);
    const made = await pending;
    assert.equal(made.status, 201);
    assert.equal(made.headers.get("location"), `${MACHINES}/${row?.id}`);
    assert.equal(made.headers.get("preference-applied"), "wait=10");
    assert.equal(made.headers.has("retry-after"), false);
    assert.equal(made.text, (await request("GET", `${MACHINES}/${row?.id}`)).text);
  }
});

mountedTest("POST with Prefer: wait is 202 when the time is up, and that is bounded", async ({ request, clock }) => {
  const pending = request("POST", MACHINES, { body: { configuration: LINUX }, headers: { prefer: "wait=9999" } });
  await clock.armed(60_000);
  clock.advance(60_000);
  const { status, headers, json } = await pending;
  assert.equal(status, 202);
  assert.equal(json.status, "Provisioning");
  assert.ok(headers.has("retry-after"));
});

mountedTest("POST lists every error at once, each with its pointer", async ({ request, store }) => {
  const body = { configuration: { os: 1, storage: false }, id: "x", "a/b": 1 };
  const { errors = [] } = problem(await request("POST", MACHINES, { body }), 422, "validation");
  assert.deepEqual(
    errors.map(({ pointer }) => pointer),
    ["/id", "/a~1b", "/configuration/os", "/configuration/ram", "/configuration/storage"],
  );
  for (const wrong of [[], "x", 1, null, {}, { configuration: null }, { configuration: [] }]) {
    problem(
      await request("POST", MACHINES, { body: JSON.stringify(wrong), headers: { "content-type": "application/json" } }),
      422,
      "validation",
    );
  }
  assert.deepEqual(await store.list({ type: "virtual-machine", limit: 10 }), []);
});

mountedTest("a type's limit of resources in progress rejects with 429 and Retry-After", async ({ request, drive }) => {
  const post = () => request("POST", "/api/notes", { body: { configuration: { text: "a" } } });
  const made = [await post(), await post(), await post()];
  const refused = await post();
  problem(refused, 429, "too-many-in-progress");
  assert.ok(refused.headers.has("retry-after"));
  await drive.succeed(made[0]?.headers.get("location") ?? "", { words: 1 });
  assert.equal((await post()).status, 202);
});
