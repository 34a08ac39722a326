import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";

const idOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Follows the pages to the end. Resolves to the ids; `between` runs after each page. */
async function pages(
  request: Fixture["request"],
  query: string,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let url: string | undefined = `${MACHINES}?${query}`;
  while (url !== undefined) {
    const { status, json, headers, text } = await request("GET", url);
    assert.equal(status, 200, text);
    ids.push(...json.items.map(({ id }: { id: string }) => id));
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    assert.equal(link === undefined, json.next === undefined);
    if (link !== undefined) assert.equal(new URLSearchParams(link.slice(link.indexOf("?"))).get("after"), json.next);
    url = link;
    await between();
  }
  return ids;
}

mountedTest(
  "a list gives every resource once, the newest first, with whole representations",
  async ({ request, create, clock }) => {
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) {
      ids.unshift(idOf(await create()));
      clock.advance(count % 2);
    }
    for (const limit of [1, 2, 3, 7, 200]) {
      assert.deepEqual((await pages(request, `limit=${limit}`)).toSorted(), ids.toSorted());
    }
    const { json, headers, text } = await request("GET", MACHINES);
    const first = await request("GET", `${MACHINES}/${json.items[0]?.id}`);
    assert.deepEqual(json.items[0], first.json);
    assert.ok(text.startsWith('{"items":['));
    assert.equal(headers.get("cache-control"), "private, no-cache");
    assert.equal("next" in json, false);
  },
);

mountedTest("a cursor stays good while rows come and go", async ({ request, create, clock }) => {
  const paths: string[] = [];
  for (let count = 0; count < 6; count++) {
    paths.push(await create());
    clock.advance(1);
  }
  const there = paths.map(idOf);
  const gone = [...paths];
  const seen = await pages(request, "limit=2", async () => {
    await create();
    clock.advance(1);
    // Deletes, among others, the resource at which the page ended.
    for (const path of gone.splice(-2)) await request("DELETE", path);
  });
  assert.deepEqual(seen.toReversed(), there);
});

mountedTest("a list is filtered by status, several by comma", async ({ request, create, drive }) => {
  const [ready, stopped, failed] = [await create(), await create(), await create()];
  const pending = await create();
  await drive.succeed(ready);
  await drive.succeed(stopped, { IPAddress: "1.1.1.1" }, "Stopped");
  await drive.fail(failed);
  const ids = async (query: string) => (await pages(request, query)).toSorted();
  assert.deepEqual(await ids("status=Ready"), [idOf(ready)]);
  assert.deepEqual(await ids("status=Ready,Failed&limit=1"), [idOf(ready), idOf(failed)].toSorted());
  assert.deepEqual(await ids("status=Provisioning"), [idOf(pending)]);
  // Work may report any label, so no label is unknown.
  assert.deepEqual(await ids("status=Some+Label%2C%20with%20comma"), []);
  assert.equal(
    (await request("GET", `${MACHINES}?fields=id&status=Stopped`)).text,
    `{"items":[{"id":"${idOf(stopped)}"}]}`,
  );
});

mountedTest("an invalid query is rejected, and the response lists what is valid", async ({ request, create }) => {
  for (let count = 0; count < 3; count++) await create();
  const wrong = [
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=-1",
    "limit=1.5",
    "limit=",
    "colour=red",
    "status=",
    "status=a,,b",
    "limit=1&limit=2",
    "status=%ff",
    "status=%00",
    "fields=colour",
  ];
  for (const query of wrong) problem(await request("GET", `${MACHINES}?${query}`), 400, "invalid-query");
  assert.match(
    problem(await request("GET", `${MACHINES}?colour=red`), 400, "invalid-query").detail,
    /status, limit, after, fields/,
  );

  const { json } = await request("GET", `${MACHINES}?limit=1`);
  for (const cursor of ["x", "", "a.b", "bnVsbA", `${json.next}x`, "eyJ9"]) {
    problem(await request("GET", `${MACHINES}?limit=1&after=${cursor}`), 400, "invalid-cursor");
  }
  problem(await request("GET", `${MACHINES}?status=Ready&after=${json.next}`), 400, "invalid-cursor");
  problem(await request("GET", `/api/notes?after=${json.next}`), 400, "invalid-cursor");
  assert.equal((await request("GET", `${MACHINES}?limit=5&after=${json.next}`)).json.items.length, 2);
});

mountedTest("history is the timeline, page by page", async ({ request, create, drive, clock }) => {
  const path = await create();
  clock.advance(1000);
  await drive.progress(path, 0.1, { status: "Booting" });
  await drive.reportEvent(path, { event: "recorded", step: "boot", state: "done", result: "1", undo: false });
  await drive.fail(path);
  const { status, json } = await request("GET", `${path}/history`);
  assert.equal(status, 200);
  const lines = json.items.map(({ event, step, status: label, attempt }: Record<string, unknown>) => [
    event,
    step,
    label,
    attempt,
  ]);
  assert.deepEqual(lines, [
    ["accepted", undefined, "Provisioning", 0],
    ["claimed", undefined, undefined, 1],
    ["status", undefined, "Booting", 1],
    ["step-done", "boot", undefined, 1],
    ["attempt-failed", undefined, undefined, 1],
    ["failed", undefined, "Failed", 1],
  ]);
  assert.deepEqual(json.items[0]?.at, "2026-01-01T00:00:00.000Z");
  assert.deepEqual(json.items[1]?.at, "2026-01-01T00:00:01.000Z");
  assert.equal(json.items[0]?.kind, "create");
  assert.equal(json.items[5]?.error.code, "work-failed");

  const seen: unknown[] = [];
  let url: string | undefined = `${path}/history?limit=4`;
  while (url !== undefined) {
    const page = await request("GET", url);
    seen.push(...page.json.items);
    url = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
  }
  assert.deepEqual(seen, json.items);
  problem(await request("GET", `${path}/history?after=x`), 400, "invalid-cursor");
  problem(await request("GET", `${path}/history?limit=0`), 400, "invalid-query");
  problem(await request("GET", `${MACHINES}/unknown/history`), 404, "resource-not-found");
});

mountedTest("a page of large resources is short, and leads to the next one", async ({ request, create }) => {
  const large = { os: "x".repeat(250_000), ram: "1" };
  const ids: string[] = [];
  for (let count = 0; count < 18; count++) ids.unshift(idOf(await create(large)));
  const { json } = await request("GET", `${MACHINES}?limit=200`);
  assert.equal(json.items.length, 16, "4 MiB");
  assert.deepEqual((await pages(request, "limit=200")).toSorted(), ids.toSorted());
});
