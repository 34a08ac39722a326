import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const MINE = `${MACHINES}/my-machine.1_~`;

mountedTest("PUT creates under an id that the client chose", async ({ request, drive }) => {
  const made = await request("PUT", MINE, { body: { configuration: LINUX } });
  assert.equal(made.status, 202);
  assert.equal(made.headers.get("location"), MINE);
  assert.equal(made.json.id, "my-machine.1_~");
  await drive.succeed(MINE);
  assert.equal((await request("GET", MINE)).json.status, "Ready");
});

mountedTest("PUT replaces the whole configuration of an existing resource", async ({ request, drive }) => {
  await request("PUT", MINE, { body: { configuration: LINUX } });
  await drive.succeed(MINE);
  const replaced = await request("PUT", MINE, { body: { configuration: { os: "BSD", ram: "1GB" } } });
  assert.equal(replaced.status, 202);
  assert.deepEqual(
    { status: replaced.json.status, configuration: replaced.json.configuration },
    { status: "Resizing", configuration: { os: "BSD", ram: "1GB", storage: "64GB SSD" } },
  );
  assert.deepEqual((await request("GET", MINE)).json.configuration, replaced.json.configuration, "the target is shown");
});

mountedTest("PUT of the present configuration changes nothing", async ({ request, drive }) => {
  const first = await request("PUT", MINE, { body: { configuration: LINUX } });
  const again = await request("PUT", MINE, { body: { configuration: LINUX } });
  assert.deepEqual({ status: again.status, text: again.text }, { status: 200, text: first.text });
  assert.ok(again.headers.has("retry-after"));
  const other = await request("PUT", MINE, { body: { configuration: { ...LINUX, ram: "1GB" } } });
  problem(other, 409, "operation-in-progress");
  assert.ok(other.headers.has("retry-after"));
  await drive.succeed(MINE);
  assert.equal((await request("PUT", MINE, { body: { configuration: LINUX } })).status, 200);
});

mountedTest("PUT with If-None-Match: * creates only", async ({ request }) => {
  const headers = { "if-none-match": "*" };
  assert.equal((await request("PUT", MINE, { headers, body: { configuration: LINUX } })).status, 202);
  problem(await request("PUT", MINE, { headers, body: { configuration: LINUX } }), 412, "precondition-failed");
});

mountedTest("PUT with If-Match replaces only", async ({ request, drive }) => {
  const body = { configuration: { ...LINUX, ram: "1GB" } };
  problem(await request("PUT", MINE, { headers: { "if-match": "*" }, body }), 412, "precondition-failed");
  await request("PUT", MINE, { body: { configuration: LINUX } });
  await drive.succeed(MINE);
  const etag = (await request("GET", MINE)).headers.get("etag") ?? "";
  assert.equal((await request("PUT", MINE, { headers: { "if-match": etag }, body })).status, 202);
  await drive.succeed(MINE);
  problem(
    await request("PUT", MINE, { headers: { "if-match": etag }, body: { configuration: LINUX } }),
    412,
    "precondition-failed",
  );
});

mountedTest("PUT of a deleted id creates anew, and its ETags never repeat", async ({ request, drive }) => {
  const first = await request("PUT", MINE, { body: { configuration: LINUX } });
  await request("DELETE", MINE);
  await drive.succeed(MINE, {});
  problem(await request("GET", MINE), 404, "resource-deleted");
  const second = await request("PUT", MINE, { headers: { "if-none-match": "*" }, body: { configuration: LINUX } });
  assert.equal(second.status, 202);
  assert.equal(second.text, first.text);
  assert.notEqual(second.headers.get("etag"), first.headers.get("etag"));
});

mountedTest("an id has only characters that need no encoding", async ({ request, store }) => {
  for (const wrong of [
    "a%20b",
    "%00",
    "%2e%2e%2fx",
    "a%2Fb",
    "%ff",
    "%",
    "a%zz",
    "x".repeat(129),
    "%C3%A9",
    "a;b",
    "a@b",
  ]) {
    const { status } = await request("PUT", `${MACHINES}/${wrong}`, { body: { configuration: LINUX } });
    assert.equal(status, 400, wrong);
    assert.equal((await request("GET", `${MACHINES}/${wrong}`)).status, 400, wrong);
  }
  assert.equal((await store.list({ type: "virtual-machine", limit: 1 })).length, 0);
  assert.equal(
    (await request("PUT", `${MACHINES}/%61b`, { body: { configuration: LINUX } })).headers.get("location"),
    `${MACHINES}/ab`,
  );
});

mountedTest(
  "PATCH merges into the configuration that the client sent, and validates the result",
  async ({ request, create, drive }) => {
    const path = await create({ os: "Linux", ram: "1GB" });
    await drive.succeed(path);
    for (const type of ["application/merge-patch+json", "application/json; charset=UTF-8"]) {
      const ram = `${type.length}GB`;
      const patched = await request("PATCH", path, {
        headers: { "content-type": type },
        body: JSON.stringify({ configuration: { ram } }),
      });
      assert.deepEqual(
        { patchedStatus: patched.status, label: patched.json.status, ram: patched.json.configuration.ram },
        { patchedStatus: 202, label: "Resizing", ram },
      );
      await drive.succeed(path);
    }
    const invalid = problem(
      await request("PATCH", path, { body: { configuration: { os: null, ram: 1 } } }),
      422,
      "validation",
    );
    assert.deepEqual(
      invalid.errors?.map(({ pointer }) => pointer),
      ["/configuration/os", "/configuration/ram"],
    );
    problem(await request("PATCH", path, { body: { status: "Ready" } }), 422, "validation");
    problem(await request("PATCH", path, { body: { configuration: null } }), 422, "validation");
    assert.equal((await request("GET", path)).json.status, "Ready");
  },
);

mountedTest("PATCH that removes a field gets the schema's default again", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  const { json } = await request("PATCH", path, { body: { configuration: { storage: null } } });
  assert.equal(json.configuration.storage, "64GB SSD");
});

mountedTest("PATCH that changes nothing is 200, settled or on its way", async ({ request, create, drive }) => {
  const path = await create();
  const same = { body: { configuration: { ram: LINUX.ram } } };
  assert.equal((await request("PATCH", path, same)).status, 200);
  await drive.succeed(path);
  assert.equal((await request("PATCH", path, { body: {} })).status, 200);
  const grow = { body: { configuration: { ram: "32GB" } } };
  assert.equal((await request("PATCH", path, grow)).status, 202);
  const again = await request("PATCH", path, grow);
  assert.deepEqual({ againStatus: again.status, label: again.json.status }, { againStatus: 200, label: "Resizing" });
  assert.ok(again.headers.has("retry-after"));
  problem(await request("PATCH", path, { body: { configuration: { ram: "64GB" } } }), 409, "operation-in-progress");
});

mountedTest(
  "If-Match compares the edit: progress turns no PATCH into a 412, a change does",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.succeed(path);
    const etag = (await request("GET", path)).headers.get("etag") ?? "";
    const first = await request("PATCH", path, {
      headers: { "if-match": etag },
      body: { configuration: { ram: "1GB" } },
    });
    assert.equal(first.status, 202);
    problem(
      await request("PATCH", path, { headers: { "if-match": etag }, body: { configuration: { ram: "2GB" } } }),
      412,
      "precondition-failed",
    );

    await drive.progress(path, 0.1);
    const before = (await request("GET", path)).headers.get("etag") ?? "";
    await drive.progress(path, 0.7);
    const after = (await request("GET", path)).headers.get("etag") ?? "";
    assert.notEqual(before, after);
    // Rejected for the operation in progress, not for its precondition.
    problem(
      await request("PATCH", path, { headers: { "if-match": before }, body: { configuration: { ram: "2GB" } } }),
      409,
      "operation-in-progress",
    );
    problem(
      await request("PATCH", path, { headers: { "if-match": `W/${after}` }, body: { configuration: { ram: "2GB" } } }),
      409,
      "operation-in-progress",
    );
    problem(
      await request("PATCH", path, { headers: { "if-match": `W/${etag}` }, body: { configuration: { ram: "2GB" } } }),
      412,
      "precondition-failed",
    );
  },
);

mountedTest(
  "PATCH and PUT of a type without update are 405, but for a PUT that creates",
  async ({ request, drive }) => {
    const made = await request("PUT", "/api/notes/a", { body: { configuration: { text: "a" } } });
    assert.equal(made.status, 202);
    await drive.succeed("/api/notes/a", { words: 1 });
    const patched = await request("PATCH", "/api/notes/a", { body: { configuration: { text: "b" } } });
    problem(patched, 405, "method-not-allowed");
    assert.equal(patched.headers.get("allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
    const put = await request("PUT", "/api/notes/a", { body: { configuration: { text: "b" } } });
    problem(put, 405, "method-not-allowed");
    assert.ok(put.headers.has("allow"));
    assert.equal((await request("PUT", "/api/notes/a", { body: { configuration: { text: "a" } } })).status, 200);
  },
);

mountedTest("Prefer: wait on PUT and PATCH is 200 once settled", async ({ request, drive, clock }) => {
  const headers = { prefer: "wait=20" };
  for (const [method, ram] of [
    ["PUT", "1GB"],
    ["PATCH", "2GB"],
  ] as const) {
    const pending = request(method, MINE, { headers, body: { configuration: { os: "Linux", ram } } });
    await clock.armed(20_000);
    await drive.succeed(MINE);
    const { status, json } = await pending;
    assert.deepEqual({ status, label: json.status, ram: json.configuration.ram }, { status: 200, label: "Ready", ram });
  }
});

mountedTest(
  "PUT, PATCH and DELETE of an existing resource need If-Match if the app requires it",
  async ({ request, drive }) => {
    assert.equal((await request("PUT", MINE, { body: { configuration: LINUX } })).status, 202);
    await drive.succeed(MINE);
    const body = { configuration: { ...LINUX, ram: "1GB" } };
    for (const method of ["PUT", "PATCH"]) problem(await request(method, MINE, { body }), 428, "precondition-required");
    problem(await request("DELETE", MINE), 428, "precondition-required");
    assert.equal((await request("DELETE", MINE, { headers: { "if-match": "*" } })).status, 202);
  },
  { preconditionRequired: true },
);
