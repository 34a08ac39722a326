import assert from "node:assert/strict";
import { type JsonResponse, mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Posts a raw text as a machine, after a valid beginning if the case is about a value. */
const post = (request: Fixture["request"], body: string | Uint8Array): Promise<JsonResponse> =>
  request("POST", MACHINES, { headers: JSON_TYPE, body });

mountedTest("malformed JSON is 400 with its line and column", async ({ request, store }) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /line 1, column 1/],
    ["{", /line 1, column 2/],
    ['{"configuration":\n  {"os": nope}}', /line 2, column 10/],
    ['{"a":1,}', /line 1, column 8/],
    ['{"a" 1}', /column 6/],
    ["{'a':1}", /column 2/],
    ['{"a":1} x', /column 9/],
    ['{"a":01}', /column 7/],
    ['{"a":1.}', /column 7/],
    ['{"a":NaN}', /column 6/],
    ['{"a":"\t"}', /column 7.*control/],
    [String.raw`{"a":"\x"}`, /column 7.*escape/],
    [String.raw`{"a":"\u12"}`, /column 7.*escape/],
    ['{"a":"', /column 7.*inside a string/],
    ['{"a":[1,2}', /column 10/],
    ['{"a":1,"a":2}', /column 8.*"a" is duplicated/],
    [String.raw`{"a":{"\u0062":1,"b":2}}`, /"b" is duplicated/],
    ['{"__proto__":{"admin":true}}', /__proto__/],
    [String.raw`{"\u005f_proto__":{"admin":true}}`, /__proto__/],
    [String.raw`{"a":"\u0000"}`, /NUL/],
    [String.raw`{"a":"\ud800"}`, /surrogate/],
    [`{"a":${"9".repeat(100_000)}}`, /number/],
    ['{"a":1e999}', /double/],
    ['{"a":12345678901234567890}', /exactly/],
    ["[".repeat(100_000), /64 levels/],
    [`{"a":${"[".repeat(64)}${"]".repeat(64)}}`, /64 levels/],
  ];
  for (const [body, where] of cases) {
    const { detail } = problem(await post(request, body), 400, "malformed-json");
    assert.match(detail, where, body.slice(0, 60));
  }
  const bytes = Buffer.concat([Buffer.from('{"configuration":"é'), Buffer.from([0xff]), Buffer.from('"}')]);
  assert.match(problem(await post(request, bytes), 400, "malformed-json").detail, /byte 21.*UTF-8/);
  assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
});

mountedTest("unusual but valid JSON is accepted", async ({ request }) => {
  const text = ` \r\n\t{"configuration" : {"os":"\\u00e9\\ud83d\\ude00/\\/","ram":"9007199254740991" ,"storage":"-0.5e-3"}} `;
  const { status, json } = await post(request, text);
  assert.deepEqual({ status, os: json.configuration.os }, { status: 202, os: "é😀//" });
  const marked = Buffer.concat([
    Buffer.from([0xef, 0xbb, 0xbf]),
    Buffer.from(JSON.stringify({ configuration: LINUX })),
  ]);
  assert.equal((await post(request, marked)).status, 202);
});

mountedTest("an empty body may have any Content-Type", async ({ request, create }) => {
  const path = await create();
  const headers = { "content-type": "text/plain", "content-length": "0" };
  assert.equal((await request("POST", `${path}/cancel`, { headers })).status, 202);
  assert.equal((await request("DELETE", path, { headers })).status, 202);
});

mountedTest("a body of another media type is 415", async ({ request }) => {
  const body = JSON.stringify({ configuration: LINUX });
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/merge-patch+json",
    "application/json; charset=latin1",
    "application/jsonx",
    "json",
    "",
  ];
  for (const type of types) {
    const refused = await request("POST", MACHINES, { headers: { "content-type": type }, body });
    problem(refused, 415, "unsupported-media-type");
    assert.equal(refused.headers.get("accept"), "application/json");
  }
  problem(await request("POST", MACHINES, { body: Buffer.from(body) }), 415, "unsupported-media-type");
  problem(
    await request("POST", MACHINES, { headers: { ...JSON_TYPE, "content-encoding": "gzip" }, body }),
    415,
    "unsupported-media-type",
  );
  problem(
    await request("PATCH", `${MACHINES}/x`, { headers: { "content-type": "text/json" }, body }),
    415,
    "unsupported-media-type",
  );
  assert.equal(
    (await request("POST", MACHINES, { headers: { "content-type": "Application/JSON ; Charset=UTF-8" }, body })).status,
    202,
  );
});

mountedTest(
  "a body over the limit is 413, of exactly the limit is read",
  async ({ request, store }) => {
    const sized = (size: number): string => JSON.stringify({ configuration: LINUX }).padEnd(size);
    problem(await post(request, sized(1001)), 413, "body-too-large");
    assert.deepEqual(await store.list({ type: "virtual-machine", limit: 1 }), []);
    assert.equal((await post(request, sized(1000))).status, 202);
  },
  { maxBodyBytes: 1000 },
);

mountedTest(
  "Accept without an available type is 406, before anything is stored",
  async ({ request, create, store }) => {
    const path = await create();
    for (const accept of [
      "text/html",
      "application/xml, text/*",
      "application/json;q=0",
      "*/*;q=0",
      "application/json;q=2",
    ]) {
      problem(await request("GET", path, { headers: { accept } }), 406, "not-acceptable");
      problem(await request("GET", MACHINES, { headers: { accept } }), 406, "not-acceptable");
      problem(
        await request("POST", MACHINES, { headers: { accept }, body: { configuration: LINUX } }),
        406,
        "not-acceptable",
      );
    }
    problem(
      await request("POST", MACHINES, { headers: { accept: "text/event-stream" }, body: { configuration: LINUX } }),
      406,
      "not-acceptable",
    );
    assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
    for (const accept of [
      "application/*",
      "text/html, */*;q=0.1",
      "APPLICATION/JSON",
      "application/problem+json, application/json;q=0.5",
    ]) {
      assert.equal(
        (await request("GET", path, { headers: { accept } })).headers.get("content-type"),
        "application/json",
      );
    }
  },
);

mountedTest("anything else is 404", async ({ request }) => {
  for (const path of [
    "/api/",
    "/api/unknown",
    "/api/virtual-machines/",
    "/api/virtual-machines/a/",
    "/api/virtual-machines/a/b",
    "/api/virtual-machines/a/history/b",
    "/api//virtual-machines",
    "/api/Virtual-Machines",
    "/api/messages",
    "/api/virtual-machines/a/create",
    "/api/virtual-machines/a/delete",
  ]) {
    for (const method of ["GET", "POST", "DELETE"]) problem(await request(method, path), 404, "not-found");
  }
  problem(await request("GET", `${MACHINES}/unknown`), 404, "resource-not-found");
});

mountedTest("another method is 405 with Allow, and OPTIONS has the same Allow", async ({ request }) => {
  const routes: readonly (readonly [path: string, allow: string, wrong: readonly string[]])[] = [
    [MACHINES, "GET, HEAD, POST, OPTIONS", ["PUT", "PATCH", "DELETE"]],
    [`${MACHINES}/a`, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS", ["POST"]],
    ["/api/notes/a", "GET, HEAD, PUT, DELETE, OPTIONS", ["POST", "PATCH"]],
    [`${MACHINES}/a/history`, "GET, HEAD, OPTIONS", ["POST", "PUT", "PATCH", "DELETE"]],
    [`${MACHINES}/a/cancel`, "POST, OPTIONS", ["GET", "PUT", "PATCH", "DELETE"]],
    [`${MACHINES}/a/stop`, "POST, OPTIONS", ["GET", "DELETE"]],
    [`${MACHINES}/a/approval`, "POST, OPTIONS", ["GET", "DELETE"]],
  ];
  for (const [path, allow, wrong] of routes) {
    for (const method of wrong) {
      const refused = await request(method, path);
      problem(refused, 405, "method-not-allowed");
      assert.equal(refused.headers.get("allow"), allow);
    }
    const options = await request("OPTIONS", path);
    assert.deepEqual(
      { status: options.status, allow: options.headers.get("allow"), text: options.text },
      { status: 204, allow, text: "" },
    );
  }
});

mountedTest("an unknown parameter is rejected", async ({ request, create }) => {
  const path = await create();
  for (const [method, target] of [
    ["POST", MACHINES],
    ["GET", path],
    ["PUT", path],
    ["PATCH", path],
    ["DELETE", path],
    ["POST", `${path}/cancel`],
  ] as const) {
    problem(
      await request(method, `${target}?dry-run=true`, method === "GET" ? {} : { body: { configuration: LINUX } }),
      400,
      "invalid-query",
    );
  }
  assert.equal((await request("GET", `${path}?`)).status, 200);
  assert.equal((await request("GET", `${path}?&fields=id&`)).status, 200);
});

mountedTest("a store that is down is 503 with Retry-After, without internals", async ({ request, create, store }) => {
  const path = await create();
  await store.close();
  const refused = [
    await request("GET", path),
    await request("GET", MACHINES),
    await request("POST", MACHINES, { body: { configuration: LINUX } }),
    await request("POST", MACHINES, { headers: { "idempotency-key": "k" }, body: { configuration: LINUX } }),
    await request("PATCH", path, { body: {} }),
    await request("DELETE", path),
    await request("GET", `${path}/history`),
  ];
  for (const each of refused) {
    problem(each, 503, "store-unavailable");
    assert.match(each.headers.get("retry-after") ?? "", /^[0-9]+$/);
    assert.doesNotMatch(each.text, /sqlite|afoot\.db/i);
  }
  // Rejections that need no store are as ever.
  problem(await request("POST", MACHINES, { body: {} }), 422, "validation");
  problem(await request("GET", `${path}?x=1`), 400, "invalid-query");
});
