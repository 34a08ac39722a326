import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const PAGE = "https://app.example.com";
const OURS = "https://api.example.com";

/** Requests that a page can make a browser send without a preflight, and those that need one. */
async function tryAll({ request, create }: Fixture, headers: Record<string, string>): Promise<number[]> {
  const path = await create();
  const answers = [
    await request("POST", `${path}/cancel`, { headers }),
    await request("POST", MACHINES, { headers, body: { configuration: LINUX } }),
    await request("PUT", `${MACHINES}/a`, {
      headers: { ...headers, "if-none-match": "*" },
      body: { configuration: LINUX },
    }),
    await request("DELETE", path, { headers }),
  ];
  for (const answer of answers) if (answer.status === 403) problem(answer, 403, "forbidden");
  return answers.map(({ status }) => status);
}

mountedTest("a page of another origin cannot write, whichever header shows its origin", async (fixture) => {
  for (const headers of [
    { "sec-fetch-site": "cross-site", origin: PAGE },
    { "sec-fetch-site": "same-site", origin: PAGE },
    { "sec-fetch-site": "cross-site" },
    { origin: PAGE },
    { origin: "null" },
  ]) {
    assert.deepEqual(await tryAll(fixture, headers), [403, 403, 403, 403], JSON.stringify(headers));
  }
  const { status, headers } = await fixture.request("GET", MACHINES, {
    headers: { "sec-fetch-site": "cross-site", origin: PAGE },
  });
  assert.deepEqual(
    { status, hasAccessControlAllowOrigin: headers.has("access-control-allow-origin") },
    { status: 200, hasAccessControlAllowOrigin: false },
    "what it cannot read is no secret",
  );
});

mountedTest(
  "pages of the own origin and of allowed ones, and programs, can write",
  async (fixture) => {
    for (const headers of [
      {},
      { "sec-fetch-site": "same-origin", origin: OURS },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "cross-site", origin: PAGE },
      { origin: OURS },
    ]) {
      const statuses = await tryAll(fixture, headers);
      assert.ok(!statuses.includes(403), JSON.stringify([headers, statuses]));
    }
  },
  { cors: { origins: [PAGE] }, publicUrl: OURS },
);

mountedTest(
  "with *, a page can write with a token of its own, but not with what the browser has stored",
  async (fixture) => {
    const foreign = { "sec-fetch-site": "cross-site", origin: PAGE };
    for (const stored of [{ authorization: "Basic eDp5" }, { authorization: "Negotiate x" }, { cookie: "session=1" }]) {
      const statuses = await tryAll(fixture, { ...foreign, ...stored });
      assert.deepEqual(statuses, [403, 403, 403, 403], JSON.stringify(stored));
      assert.ok(!(await tryAll(fixture, { ...stored, "sec-fetch-site": "same-origin" })).includes(403));
    }
    for (const sent of [{}, { authorization: "Bearer x" }]) {
      assert.ok(!(await tryAll(fixture, { ...foreign, ...sent })).includes(403), JSON.stringify(sent));
    }
  },
  { cors: { origins: "*" } },
);
