import assert from "node:assert/strict";
import { everyMount, MACHINES, problem } from "./harness/every-mount.ts";

everyMount(
  "DELETE runs the delete work, repeatably; then GET tells deleted from unknown",
  async ({ ask, create, drive }) => {
    const path = await create();
    await drive.succeed(path);
    const asked = await ask("DELETE", path);
    assert.deepEqual({ askedStatus: asked.status, label: asked.json.status }, { askedStatus: 202, label: "Deleting" });
    assert.ok(asked.headers.has("retry-after"));
    const again = await ask("DELETE", path);
    assert.deepEqual({ status: again.status, text: again.text }, { status: 202, text: asked.text });
    await drive.succeed(path, {});
    problem(await ask("GET", path), 404, "resource-deleted");
    problem(await ask("DELETE", path), 404, "resource-deleted");
    problem(await ask("PATCH", path, { body: {} }), 404, "resource-deleted");
    problem(await ask("POST", `${path}/restart`), 404, "resource-deleted");
    problem(await ask("GET", `${path}/history`), 404, "resource-deleted");
    problem(await ask("GET", `${MACHINES}/never`), 404, "resource-not-found");
  },
);

everyMount("DELETE of a type without delete work is 204 at once", async ({ ask, drive }) => {
  const made = await ask("POST", "/api/notes", { body: { configuration: { text: "a" } } });
  const path = made.headers.get("location") ?? "";
  await drive.succeed(path, { words: 1 });
  const { status, text } = await ask("DELETE", path);
  assert.deepEqual({ status, text }, { status: 204, text: "" });
  problem(await ask("GET", path), 404, "resource-deleted");
});

everyMount("DELETE in progress cancels first, then deletes", async ({ ask, create, drive }) => {
  const pending = await create();
  assert.deepEqual((await ask("DELETE", pending)).json.status, "Deleting");

  const running = await create();
  await drive.claim(running);
  const asked = await ask("DELETE", running);
  assert.deepEqual({ askedStatus: asked.status, label: asked.json.status }, { askedStatus: 202, label: "Cancelling" });
  assert.ok(asked.headers.has("retry-after"));
  assert.equal((await ask("DELETE", running)).status, 202);
  await drive.says(running, { event: "cancelled" });
  assert.equal((await ask("GET", running)).json.status, "Deleting");
  await drive.succeed(running, {});
  problem(await ask("GET", running), 404, "resource-deleted");

  const unworked = await ask("POST", "/api/notes", { body: { configuration: { text: "a" } } });
  assert.equal((await ask("DELETE", unworked.headers.get("location") ?? "")).status, 204);
});

everyMount("DELETE honours If-Match", async ({ ask, create, drive }) => {
  const path = await create();
  const early = (await ask("GET", path)).headers.get("etag") ?? "";
  await drive.succeed(path);
  problem(await ask("DELETE", path, { headers: { "if-match": early } }), 412, "precondition-failed");
  const late = (await ask("GET", path)).headers.get("etag") ?? "";
  assert.equal((await ask("DELETE", path, { headers: { "if-match": late } })).status, 202);
});

everyMount("a failed delete can be requested again", async ({ ask, create, drive }) => {
  const path = await create();
  await drive.succeed(path);
  await ask("DELETE", path);
  await drive.fail(path);
  const { json } = await ask("GET", path);
  assert.deepEqual({ status: json.status, code: json.error.code }, { status: "Ready", code: "work-failed" });
  assert.equal((await ask("DELETE", path)).json.status, "Deleting");
});
