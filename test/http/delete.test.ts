import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";

mountedTest(
  "DELETE runs the delete work, repeatably; then GET tells deleted from unknown",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.succeed(path);
    const response = await request("DELETE", path);
    assert.deepEqual({ status: response.status, label: response.json.status }, { status: 202, label: "Deleting" });
    assert.ok(response.headers.has("retry-after"));
    const again = await request("DELETE", path);
    assert.deepEqual({ status: again.status, text: again.text }, { status: 202, text: response.text });
    await drive.succeed(path, {});
    problem(await request("GET", path), 404, "resource-deleted");
    problem(await request("DELETE", path), 404, "resource-deleted");
    problem(await request("PATCH", path, { body: {} }), 404, "resource-deleted");
    problem(await request("POST", `${path}/restart`), 404, "resource-deleted");
    problem(await request("GET", `${path}/history`), 404, "resource-deleted");
    problem(await request("GET", `${MACHINES}/never`), 404, "resource-not-found");
  },
);

mountedTest("DELETE of a type without delete work is 204 at once", async ({ request, drive }) => {
  const made = await request("POST", "/api/notes", { body: { configuration: { text: "a" } } });
  const path = made.headers.get("location") ?? "";
  await drive.succeed(path, { words: 1 });
  const { status, text } = await request("DELETE", path);
  assert.deepEqual({ status, text }, { status: 204, text: "" });
  problem(await request("GET", path), 404, "resource-deleted");
});

mountedTest("DELETE in progress cancels first, then deletes", async ({ request, create, drive }) => {
  const pending = await create();
  assert.deepEqual((await request("DELETE", pending)).json.status, "Deleting");

  const running = await create();
  await drive.claim(running);
  const response = await request("DELETE", running);
  assert.deepEqual({ status: response.status, label: response.json.status }, { status: 202, label: "Cancelling" });
  assert.ok(response.headers.has("retry-after"));
  assert.equal((await request("DELETE", running)).status, 202);
  await drive.reportEvent(running, { event: "cancelled" });
  assert.equal((await request("GET", running)).json.status, "Deleting");
  await drive.succeed(running, {});
  problem(await request("GET", running), 404, "resource-deleted");

  const unworked = await request("POST", "/api/notes", { body: { configuration: { text: "a" } } });
  assert.equal((await request("DELETE", unworked.headers.get("location") ?? "")).status, 204);
});

mountedTest("DELETE honours If-Match", async ({ request, create, drive }) => {
  const path = await create();
  const early = (await request("GET", path)).headers.get("etag") ?? "";
  await drive.succeed(path);
  problem(await request("DELETE", path, { headers: { "if-match": early } }), 412, "precondition-failed");
  const late = (await request("GET", path)).headers.get("etag") ?? "";
  assert.equal((await request("DELETE", path, { headers: { "if-match": late } })).status, 202);
});

mountedTest("a failed delete can be requested again", async ({ request, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  await request("DELETE", path);
  await drive.fail(path);
  const { json } = await request("GET", path);
  assert.deepEqual({ status: json.status, code: json.error.code }, { status: "Ready", code: "work-failed" });
  assert.equal((await request("DELETE", path)).json.status, "Deleting");
});
