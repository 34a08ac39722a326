import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";

mountedTest("cancel of an unclaimed operation settles it at once", async ({ request, create }) => {
  const path = await create();
  const { status, json, headers } = await request("POST", `${path}/cancel`);
  assert.deepEqual(
    { status, label: json.status, code: json.error.code, hasRetryAfter: headers.has("retry-after") },
    { status: 202, label: "Cancelled", code: "cancelled", hasRetryAfter: false },
  );
  problem(await request("POST", `${path}/cancel`), 409, "settled");
});

mountedTest(
  "cancel of a running operation asks its worker; repeated it changes nothing; settled it is 409",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.claim(path);
    for (let count = 0; count < 2; count++) {
      const { status, json, headers } = await request("POST", `${path}/cancel`);
      assert.deepEqual(
        { status, label: json.status, hasRetryAfter: headers.has("retry-after") },
        { status: 202, label: "Cancelling", hasRetryAfter: true },
      );
    }
    assert.equal((await request("GET", path)).json.status, "Cancelling");
    await drive.reportEvent(path, { event: "cancelled" });
    assert.equal((await request("GET", path)).json.status, "Cancelled");
  },
);

mountedTest(
  "a cancelled operation shows the cancelling label until it is settled",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.claim(path);
    const before = (await request("GET", path)).headers.get("etag") ?? "";
    const cancelled = await request("POST", `${path}/cancel`);
    assert.notEqual(cancelled.headers.get("etag"), before);
    await drive.progress(path, 0.9, { status: "Booting" });
    const { json } = await request("GET", path);
    assert.deepEqual({ status: json.status, progress: json.progress }, { status: "Cancelling", progress: "90%" });
    const { items } = (await request("GET", `${MACHINES}?status=Cancelling`)).json;
    assert.deepEqual(
      items.map(({ id }: { id: string }) => id),
      [json.id],
    );
    const { text } = await request("GET", `${path}/history`);
    assert.match(text, /"event":"cancel-requested"[^}]*"status":"Cancelling"/);
    await drive.reportEvent(path, { event: "cancelled" });
    assert.equal((await request("GET", path)).json.status, "Cancelled");
  },
);

mountedTest("a success that is already reported wins over cancel", async ({ request, create, drive }) => {
  const path = await create();
  await drive.claim(path);
  await request("POST", `${path}/cancel`);
  await drive.succeed(path);
  const { json } = await request("GET", path);
  assert.deepEqual({ status: json.status, hasError: "error" in json }, { status: "Ready", hasError: false });
});

mountedTest("a delete cannot be cancelled", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  await request("DELETE", path);
  problem(await request("POST", `${path}/cancel`), 409, "delete-in-progress");
});

mountedTest("retry begins the failed or cancelled operation again", async ({ request, create, drive }) => {
  const path = await create();
  problem(await request("POST", `${path}/retry`), 409, "operation-in-progress");
  await drive.fail(path);
  const { status, json, headers } = await request("POST", `${path}/retry`);
  assert.deepEqual(
    { status, label: json.status, hasError: "error" in json, hasRetryAfter: headers.has("retry-after") },
    { status: 202, label: "Provisioning", hasError: false, hasRetryAfter: true },
  );
  const { operation } = await drive.row(path);
  assert.notEqual(operation.root, operation.id, "its records are inherited");
  await drive.succeed(path);
  problem(await request("POST", `${path}/retry`), 409, "not-retryable");

  const cancelled = await create();
  await request("POST", `${cancelled}/cancel`);
  assert.equal((await request("POST", `${cancelled}/retry`)).status, 202);
});

mountedTest("retry of a failed update has the same target", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  await request("PATCH", path, { body: { configuration: { ram: "1TB" } } });
  await drive.fail(path);
  const { json } = await request("POST", `${path}/retry`);
  assert.deepEqual({ status: json.status, ram: json.configuration.ram }, { status: "Resizing", ram: "1TB" });
});

mountedTest("an action is its own operation, with validated input", async ({ request, create, drive }) => {
  const path = await create();
  const early = await request("POST", `${path}/stop`, { body: { force: true } });
  problem(early, 409, "operation-in-progress");
  assert.ok(early.headers.has("retry-after"));
  await drive.succeed(path);

  const wrong = problem(await request("POST", `${path}/stop`, { body: { force: "yes" } }), 422, "validation");
  assert.deepEqual(
    wrong.errors?.map(({ pointer }) => pointer),
    ["/force"],
  );
  const { status, json } = await request("POST", `${path}/stop`, { body: { force: true } });
  assert.deepEqual({ status, label: json.status }, { status: 202, label: "Stopping" });
  assert.equal((await drive.row(path)).operation.input, '{"force":true}');
  await drive.succeed(path, { IPAddress: "10.0.0.1" }, "Stopped");
  assert.equal((await request("GET", path)).json.status, "Stopped");

  assert.equal((await request("POST", `${path}/stop`)).status, 202, "a body may be left out");
  assert.equal((await drive.row(path)).operation.input, '{"force":false}');
});

mountedTest("a POST without body fields rejects any", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  for (const name of ["cancel", "retry", "restart"]) {
    problem(await request("POST", `${path}/${name}`, { body: { now: true } }), 422, "validation");
    problem(
      await request("POST", `${path}/${name}`, { body: "[]", headers: { "content-type": "application/json" } }),
      422,
      "validation",
    );
  }
  assert.equal((await request("POST", `${path}/restart`, { body: {} })).status, 202);
});

mountedTest("a message is stored for the work that waits for it", async ({ request, create, drive }) => {
  const path = await create();
  await drive.reportEvent(path, { event: "waiting", receive: ["approval"], receivedSeen: 0 });
  const wrong = problem(await request("POST", `${path}/approval`, { body: { approved: "yes" } }), 422, "validation");
  assert.deepEqual(
    wrong.errors?.map(({ pointer }) => pointer),
    ["/approved", "/by"],
  );
  const { status, headers } = await request("POST", `${path}/approval`, { body: { approved: true, by: "me" } });
  assert.deepEqual({ status, hasRetryAfter: headers.has("retry-after") }, { status: 202, hasRetryAfter: true });
  const { operation } = await drive.row(path);
  assert.deepEqual(
    { state: operation.state, receivedCount: operation.receivedCount },
    { state: "pending", receivedCount: 1 },
  );
  await drive.succeed(path);
  problem(await request("POST", `${path}/approval`, { body: { approved: true, by: "me" } }), 409, "settled");
});

mountedTest(
  "Prefer: wait on actions, cancel and retry is 200 once settled",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    const headers = { prefer: "wait=20" };
    await drive.claim(path);
    const cancelled = request("POST", `${path}/cancel`, { headers });
    await clock.armed(20_000);
    await drive.reportEvent(path, { event: "cancelled" });
    assert.deepEqual(
      { cancelledStatus: (await cancelled).status, label: (await cancelled).json.status },
      { cancelledStatus: 200, label: "Cancelled" },
    );
    for (const name of ["retry", "restart"]) {
      const pending = request("POST", `${path}/${name}`, { headers });
      await clock.armed(20_000);
      await drive.succeed(path);
      assert.deepEqual(
        { status: (await pending).status, label: (await pending).json.status },
        { status: 200, label: "Ready" },
      );
    }
  },
);

mountedTest("all of them honour If-Match", async ({ request, create, drive }) => {
  const path = await create();
  const headers = { "if-match": '"other.1-x"' };
  problem(await request("POST", `${path}/cancel`, { headers }), 412, "precondition-failed");
  problem(
    await request("POST", `${path}/approval`, { headers, body: { approved: true, by: "me" } }),
    412,
    "precondition-failed",
  );
  await drive.fail(path);
  problem(await request("POST", `${path}/retry`, { headers }), 412, "precondition-failed");
  problem(await request("POST", `${path}/restart`, { headers }), 412, "precondition-failed");
});

mountedTest("of an unknown resource they are 404", async ({ request }) => {
  for (const name of ["cancel", "retry", "stop", "restart"]) {
    problem(await request("POST", `${MACHINES}/unknown/${name}`), 404, "resource-not-found");
  }
  problem(
    await request("POST", `${MACHINES}/unknown/approval`, { body: { approved: true, by: "me" } }),
    404,
    "resource-not-found",
  );
  problem(await request("POST", `${MACHINES}/unknown/explode`), 404, "not-found");
});
