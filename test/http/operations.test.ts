import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem, type JsonResponse, type Fixture } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const OPERATIONS = { operations: true };

const monitor = (response: JsonResponse): string => {
  const url = new URL(response.headers.get("operation-location") ?? "");
  return url.pathname + url.search;
};

async function statusOf(request: Fixture["request"], response: JsonResponse): Promise<string> {
  return (await request("GET", monitor(response))).json.status;
}

mountedTest(
  "every 202 names its operation absolutely, and that can be followed",
  async ({ request, drive }) => {
    const made = await request("POST", MACHINES, { body: { configuration: LINUX } });
    const path = made.headers.get("location") ?? "";
    assert.match(
      made.headers.get("operation-location") ?? "",
      /^http:\/\/127\.0\.0\.1(?::[0-9]+)?\/api\/operations\/[0-9a-z]{22}\?resource=/,
    );
    const url = monitor(made);
    const id = url.slice("/api/operations/".length, url.indexOf("?"));
    const running = await request("GET", url);
    const { createdAt, updatedAt } = running.json;
    assert.ok(Date.parse(String(createdAt)) <= Date.parse(String(updatedAt)));
    assert.deepEqual(
      { status: running.status, json: running.json },
      { status: 200, json: { id, status: "Running", percentComplete: 0, resource: path, createdAt, updatedAt } },
    );
    assert.ok(running.headers.has("retry-after"));
    await drive.progress(path, 0.5);
    assert.equal((await request("GET", url)).json.percentComplete, 50);
    await drive.succeed(path);
    const done = await request("GET", url);
    const { updatedAt: settledAt } = done.json;
    assert.ok(Date.parse(String(updatedAt)) <= Date.parse(String(settledAt)));
    assert.deepEqual(done.json, {
      id,
      status: "Succeeded",
      percentComplete: 100,
      resource: path,
      createdAt,
      updatedAt: settledAt,
    });
    assert.equal(done.headers.has("retry-after"), false);
    assert.deepEqual(
      (await request("GET", url.slice(0, url.indexOf("?")))).json,
      done.json,
      "its id alone leads to the latest",
    );

    const patched = await request("PATCH", path, { body: { configuration: { ram: "1GB" } } });
    assert.equal(await statusOf(request, patched), "Running");
    assert.equal(await statusOf(request, made), "Succeeded", "an earlier operation stays known");
    await drive.fail(path);
    const { json } = await request("GET", monitor(patched));
    assert.deepEqual(
      { status: json.status, error: json.error },
      { status: "Failed", error: { code: "work-failed", message: "The disk is full." } },
    );

    const stopped = await request("POST", `${path}/stop`);
    await request("POST", `${path}/cancel`);
    const cancelled = await request("GET", monitor(stopped));
    assert.deepEqual(
      { status: cancelled.json.status, code: cancelled.json.error.code },
      { status: "Canceled", code: "cancelled" },
    );
    assert.equal(await statusOf(request, patched), "Failed");

    const removed = await request("DELETE", path);
    assert.equal(await statusOf(request, removed), "Running");
    await drive.succeed(path, {});
    assert.equal(await statusOf(request, removed), "Succeeded");
  },
  OPERATIONS,
);

mountedTest(
  "a delete that waits for a cancellation is Running from its 202 on",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.claim(path);
    const removed = await request("DELETE", path);
    assert.equal(await statusOf(request, removed), "Running");
    await drive.reportEvent(path, { event: "cancelled" });
    assert.equal(await statusOf(request, removed), "Running");
    await drive.succeed(path, {});
    assert.equal(await statusOf(request, removed), "Succeeded");
  },
  OPERATIONS,
);

mountedTest(
  "URLs begin with the public URL if it is set",
  async ({ request }) => {
    const made = await request("POST", MACHINES, { body: { configuration: LINUX } });
    assert.match(made.headers.get("operation-location") ?? "", /^https:\/\/api\.example\.com\/api\/operations\//);
  },
  { ...OPERATIONS, publicUrl: "https://api.example.com" },
);

mountedTest(
  "an unknown operation is 404, and so is every one without the option",
  async ({ request }) => {
    problem(await request("GET", "/api/operations/unknown"), 404, "operation-not-found");
    problem(
      await request("GET", "/api/operations/unknown?resource=virtual-machines/unknown"),
      404,
      "operation-not-found",
    );
    problem(await request("GET", "/api/operations/unknown?resource=x/y/z"), 404, "operation-not-found");
    problem(await request("POST", "/api/operations/unknown"), 405, "method-not-allowed");
  },
  OPERATIONS,
);

mountedTest("without the option nothing names operations", async ({ request }) => {
  const made = await request("POST", MACHINES, { body: { configuration: LINUX } });
  assert.equal(made.headers.has("operation-location"), false);
  problem(await request("GET", "/api/operations/unknown"), 404, "not-found");
});
