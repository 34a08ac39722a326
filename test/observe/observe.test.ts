import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { type Answer, type Fixture, shown, startFixture } from "./fixture.ts";

const configuration = { ram: "16GB" };
const READY = { outcome: "succeeded", details: { address: "10.0.0.1" } };

describe("observe", () => {
  let clock: SteppedClock;
  let fixture: Fixture;
  const get = (path: string, headers?: Record<string, string>): Promise<Answer> =>
    fixture.send("GET", path, undefined, headers);
  const setResult = (result: unknown): void => {
    fixture.process.result = () => result;
  };
  beforeEach(async () => {
    clock = new SteppedClock();
    fixture = await startFixture({ clock });
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("is called by every GET and HEAD, and its result is stored before it is served", async () => {
    const path = await fixture.create("machines");
    setResult({ progress: 0.5, status: "Booting", details: { rack: 7 } });
    const first = await get(path);
    assert.deepEqual(shown(first), { status: "Booting", progress: "50%", rack: 7 });
    assert.ok(first.headers.has("Retry-After"));
    // Without a result, the stored state is served: the same.
    setResult(undefined);
    const again = await get(path);
    assert.deepEqual(
      { shown: shown(again), etag: again.headers.get("ETag") },
      { shown: shown(first), etag: first.headers.get("ETag") },
    );
    setResult({ progress: 0.25 });
    assert.deepEqual(shown(await get(path)), shown(first), "progress never goes back");
    setResult(READY);
    assert.equal((await fixture.send("HEAD", path)).headers.has("Retry-After"), false);
    assert.deepEqual(shown(await get(path)), { status: "Ready", address: "10.0.0.1", rack: 7 });
    const [calls] = fixture.process.calls;
    assert.deepEqual(
      { kind: calls?.kind, configuration: calls?.configuration, details: calls?.details },
      { kind: "create", configuration, details: {} },
    );
    const { body } = await get(`${path}/history`);
    assert.match(JSON.stringify(body), /accepted.*claimed.*Booting.*succeeded/);
  });

  it("sets the error of a failure, a default one or that of the process", async () => {
    const paths = [await fixture.create("machines"), await fixture.create("machines")] as const;
    setResult({ outcome: "failed" });
    assert.equal((await get(paths[0])).body["status"], "Failed");
    setResult({ outcome: "failed", error: { code: "no-capacity", message: "The rack is full." } });
    const { error } = shown(await get(paths[1]));
    const { type: _, ...problem } = error as Record<string, unknown>;
    assert.deepEqual(problem, {
      title: "No capacity",
      detail: "The rack is full.",
      code: "no-capacity",
      retryable: false,
    });
  });

  it("is called by the status monitor, too", async () => {
    const { headers } = await fixture.send("POST", "machines", { configuration });
    const monitor = new URL(headers.get("Operation-Location") ?? "").pathname.slice("/api/".length);
    setResult({ progress: 0.5 });
    assert.deepEqual((await get(monitor)).body["percentComplete"], 50);
    setResult(READY);
    assert.equal((await get(monitor)).body["status"], "Succeeded");
  });

  it("observes settled resources with a ready label", async () => {
    const path = await fixture.create("machines");
    setResult(READY);
    const ready = await get(path);
    setResult({ status: "Stopped", outcome: "failed", progress: 0.5, details: { rack: 2 } });
    const stopped = await get(path, { "If-None-Match": ready.headers.get("ETag") ?? "" });
    assert.deepEqual(
      { status: stopped.status, shown: shown(stopped) },
      { status: 200, shown: { status: "Stopped", address: "10.0.0.1", rack: 2 } },
    );
    assert.equal(fixture.process.calls.at(-1)?.kind, undefined);
    const late = await fixture.send("PATCH", path, { configuration }, { "If-Match": ready.headers.get("ETag") ?? "" });
    assert.equal(late.status, 412, "the fixture's change is an edit");

    setResult({ details: { address: "nowhere" } });
    assert.equal((await get(path)).body["address"], "10.0.0.1");
    setResult({ status: "Provisioning" });
    assert.equal((await get(path)).body["status"], "Stopped");
    assert.match(fixture.warnings.at(0)?.error ?? "", /details\/address: /);

    const failed = await fixture.create("machines");
    setResult({ outcome: "failed" });
    await get(failed);
    const before = fixture.process.calls.length;
    await get(failed);
    assert.equal(fixture.process.calls.length, before, "of what has failed there is nothing to ask");
  });

  it("ends changes and deletes", async () => {
    const path = await fixture.create("machines");
    setResult(READY);
    await get(path);
    assert.equal((await fixture.send("PATCH", path, { configuration: { ram: "32GB" } })).body["status"], "Resizing");
    setResult({ outcome: "failed", error: { code: "no-capacity", message: "The rack is full." } });
    const back = await get(path);
    assert.deepEqual(
      { status: back.body["status"], configuration: back.body["configuration"] },
      { status: "Ready", configuration },
    );
    setResult(undefined);
    await fixture.send("DELETE", path);
    setResult({ outcome: "succeeded" });
    assert.deepEqual(
      { status: (await get(path)).status, code: (await get(path)).body["code"] },
      { status: 404, code: "resource-deleted" },
    );
    const other = await fixture.create("machines");
    assert.equal(fixture.process.calls.at(-1)?.kind, "delete");
    await get(other);
    assert.deepEqual(fixture.process.calls.at(-1)?.kind, "create");
  });

  it("is called once for concurrent requests", async () => {
    const path = await fixture.create("machines");
    const result = Promise.withResolvers<unknown>();
    setResult(result.promise);
    const asking = Array.from({ length: 50 }, () => get(path));
    await Promise.race([clock.armed(2000), Promise.all(asking)]);
    result.resolve({ progress: 0.5 });
    for (const { body } of await Promise.all(asking)) assert.equal(body["progress"], "50%");
    assert.equal(fixture.process.calls.length, 1);
  });

  it("has two seconds; a later result is stored all the same", async () => {
    const path = await fixture.create("machines");
    const result = Promise.withResolvers<unknown>();
    setResult(result.promise);
    const waiting = get(path);
    await clock.armed(2000);
    clock.advance(2000);
    assert.deepEqual(shown(await waiting), { status: "Provisioning" });
    assert.equal(fixture.process.calls[0]?.signal.aborted, true);
    assert.match(fixture.warnings[0]?.message ?? "", /observe did not return within 2000 ms/);
    assert.deepEqual(shown(await get(path)), { status: "Provisioning" }, "no request waits for it any more");
    assert.equal(fixture.process.calls.length, 1);
    result.resolve({ progress: 0.5 });
    setResult(undefined);
    const held = await get(path, { Prefer: "wait=60", "If-None-Match": '"none"' });
    assert.equal(held.status, 200);
    await eventually("the progress of 50 %", async () => (await get(path)).body["progress"] === "50%");
  });

  it("never overwrites newer state that was stored during the call", async () => {
    const path = await fixture.create("machines");
    const result = Promise.withResolvers<unknown>();
    setResult(result.promise);
    const waiting = get(path);
    await clock.armed(2000);
    await fixture.send("POST", `${path}/cancel`);
    result.resolve(READY);
    assert.equal((await waiting).body["status"], "Cancelled");
    assert.equal((await get(path)).body["status"], "Cancelled");
  });

  it("settles an operation without any GET", async () => {
    const paths = await Promise.all(Array.from({ length: 30 }, () => fixture.create("machines")));
    setResult(READY);
    clock.advance(5000);
    await eventually("the sweep to observe every machine", async () => fixture.process.calls.length >= paths.length);
    const { body } = await get("machines?status=Ready&limit=100");
    assert.ok(Array.isArray(body["items"]));
    assert.equal(fixture.process.calls.length, paths.length);
  });

  it("is polled while a request waits, and releases it", async () => {
    const path = await fixture.create("machines");
    const polls = [get(path, { Prefer: "wait=50" }), get(path, { Prefer: "wait=50" })];
    await clock.armed(1000);
    setResult({ progress: 0.5 });
    clock.advance(1000);
    await clock.armed(1000);
    setResult(READY);
    clock.advance(1000);
    for (const { status, body } of await Promise.all(polls)) {
      assert.deepEqual({ status, label: body["status"] }, { status: 200, label: "Ready" });
    }
    await clock.armed(1000, 0);
  });

  it("is polled while events are streamed", async () => {
    const path = await fixture.create("machines");
    setResult({ progress: 0.25 });
    const { body } = await fixture.response(path, { Accept: "text/event-stream" });
    assert.ok(body !== null);
    let text = "";
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      text += chunk.value;
      if (!text.includes('"25%"') || text.includes("Ready")) continue;
      await clock.armed(1000);
      setResult(READY);
      clock.advance(1000);
    }
    assert.match(text, /"25%".*"status":"Ready"/s);
  });

  it("is not called for a list, which shows the stored state", async () => {
    await fixture.create("machines");
    const before = fixture.process.calls.length;
    await get("machines");
    assert.equal(fixture.process.calls.length, before);
  });
});

describe("work that leaves the rest to observe", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await startFixture({ role: "all" });
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("starts the process once, and ends with it", async () => {
    const path = await fixture.create("clusters");
    fixture.process.result = ({ kind }) => (kind === undefined ? undefined : { progress: 0.5 });
    const half = await fixture.send("GET", path, undefined, { Prefer: "wait=30", "If-None-Match": '"none"' });
    assert.equal(half.status, 200);
    fixture.process.result = () => READY;
    const ready = await fixture.send("GET", path, undefined, { Prefer: "wait=30" });
    assert.deepEqual(shown(ready), { status: "Ready", address: "10.0.0.1", rack: 1 });
    assert.equal(fixture.process.started.length, 1);
    assert.equal(fixture.process.stopped.length, 0);
  });

  it("has its steps undone if the process fails", async () => {
    const path = await fixture.create("clusters");
    fixture.process.result = ({ kind }) => (kind === undefined ? undefined : { outcome: "failed" });
    const failed = await fixture.send("GET", path, undefined, { Prefer: "wait=30" });
    assert.equal(failed.body["status"], "Failed");
    assert.deepEqual(fixture.process.stopped, fixture.process.started);
    assert.equal(fixture.process.stopped.length, 1);
  });
});
