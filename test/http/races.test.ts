import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

mountedTest("of concurrent PATCHes with the same If-Match exactly one is 202", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  const etag = (await request("GET", path)).headers.get("etag") ?? "";
  const patches = Array.from({ length: 50 }, (_, index) =>
    request("PATCH", path, { headers: { "if-match": etag }, body: { configuration: { ram: `${100 + index}GB` } } }),
  );
  const answers = await Promise.all(patches);
  const accepted = answers.filter(({ status }) => status === 202);
  assert.equal(accepted.length, 1);
  for (const { status } of answers) assert.ok(status === 202 || status === 409 || status === 412, `${status}`);
  assert.deepEqual((await request("GET", path)).json.configuration, accepted[0]?.json.configuration);
});

mountedTest(
  "of concurrent PATCHes without If-Match exactly one is 202, the others come after it",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.succeed(path);
    const patches = Array.from({ length: 20 }, (_, index) =>
      request("PATCH", path, { body: { configuration: { ram: `${100 + index}GB` } } }),
    );
    const statuses = (await Promise.all(patches)).map(({ status }) => status).toSorted((one, other) => one - other);
    assert.deepEqual(statuses, [202, ...Array.from({ length: 19 }, () => 409)]);
  },
);

mountedTest(
  "a PATCH overtaken between its read and its commit is merged again: no update is lost",
  async ({ request, create, drive, beforeCommit }) => {
    const path = await create();
    await drive.succeed(path);
    beforeCommit(async () => {
      assert.equal((await request("PATCH", path, { body: { configuration: { ram: "1TB" } } })).status, 202);
      await drive.succeed(path);
    });
    const { status, json } = await request("PATCH", path, { body: { configuration: { os: "BSD" } } });
    assert.equal(status, 202);
    assert.deepEqual(json.configuration, { ...LINUX, os: "BSD", ram: "1TB" });
    await drive.succeed(path);
    assert.deepEqual((await request("GET", path)).json.configuration, { ...LINUX, os: "BSD", ram: "1TB" });
  },
);

mountedTest("a PATCH with If-Match that is overtaken is 412", async ({ request, create, drive, beforeCommit }) => {
  const path = await create();
  await drive.succeed(path);
  const etag = (await request("GET", path)).headers.get("etag") ?? "";
  beforeCommit(async () => {
    assert.equal((await request("PATCH", path, { body: { configuration: { ram: "1TB" } } })).status, 202);
    await drive.succeed(path);
  });
  const overtaken = await request("PATCH", path, {
    headers: { "if-match": etag },
    body: { configuration: { os: "BSD" } },
  });
  problem(overtaken, 412, "precondition-failed");
});

mountedTest("racing PUTs of one new id make one resource", async ({ request, store }) => {
  const put = (ram: string, headers = {}) =>
    request("PUT", `${MACHINES}/mine`, { headers, body: { configuration: { os: "a", ram } } });
  const only = await Promise.all(Array.from({ length: 20 }, (_, index) => put(`${index}GB`, { "if-none-match": "*" })));
  assert.deepEqual(
    only.map(({ status }) => status).toSorted((one, other) => one - other),
    [202, ...Array.from({ length: 19 }, () => 412)],
  );
  assert.equal((await store.list({ type: "virtual-machine", limit: 10 })).length, 1);
});

mountedTest("PUT that a DELETE overtakes creates anew", async ({ request, drive, beforeCommit }) => {
  const path = `${MACHINES}/mine`;
  await request("PUT", path, { body: { configuration: LINUX } });
  await drive.succeed(path);
  beforeCommit(async () => {
    await request("DELETE", path);
    await drive.succeed(path, {});
  });
  const { status, json } = await request("PUT", path, { body: { configuration: { ...LINUX, ram: "1GB" } } });
  assert.deepEqual(
    { status, label: json.status, ram: json.configuration.ram },
    { status: 202, label: "Provisioning", ram: "1GB" },
  );
});

mountedTest(
  "cancel that the end overtakes is 409, DELETE begins anew",
  async ({ request, create, drive, beforeCommit }) => {
    const path = await create();
    await drive.claim(path);
    beforeCommit(() => drive.succeed(path).then(() => {}));
    problem(await request("POST", `${path}/cancel`), 409, "settled");

    const other = await create();
    await drive.claim(other);
    beforeCommit(() => drive.succeed(other).then(() => {}));
    const removed = await request("DELETE", other);
    assert.deepEqual(
      { removedStatus: removed.status, label: removed.json.status },
      { removedStatus: 202, label: "Deleting" },
    );
  },
);

mountedTest(
  "a resource that changes faster than it can be written is 503 in the end",
  async ({ request, create, drive, beforeCommit }) => {
    const path = await create();
    await drive.succeed(path);
    let count = 0;
    const overtake = async (): Promise<void> => {
      // The overtaking write is not overtaken itself; the next try will be.
      await request("PATCH", path, { body: { configuration: { ram: `${++count}TB` } } });
      await drive.succeed(path);
      beforeCommit(overtake);
    };
    beforeCommit(overtake);
    const { status, headers, json } = await request("PATCH", path, { body: { configuration: { os: "BSD" } } });
    assert.deepEqual(
      { status, code: json.code, hasRetryAfter: headers.has("retry-after") },
      { status: 503, code: "overloaded", hasRetryAfter: true },
    );
  },
);
