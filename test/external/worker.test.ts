import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Grant } from "../../src/core/ports/messages.ts";
import { eventually } from "../support/eventually.ts";
import { statusMessage, type JsonReply, type Fixture, startFixture } from "./fixture.ts";

const SLOTS = [{ type: "machine", kinds: ["create"], free: 1 }];

describe("POST /api/worker", () => {
  let fixture: Fixture;
  let workers = 0;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());

  const post = (kind: string, body: unknown, headers?: Record<string, string>): Promise<JsonReply> =>
    fixture.send("POST", `worker/${kind}`, body, headers);
  const shown = async (id: string): Promise<Record<string, unknown>> =>
    (await fixture.send("GET", `machines/${id}`)).body;
  /** Creates a machine and claims it. */
  const claimed = async (): Promise<Grant & { readonly worker: string }> => {
    const id = await fixture.create("machines");
    const worker = `w${(workers += 1)}`;
    const { body } = await post("claim", { worker, claim: 1, slots: SLOTS });
    const [grant] = body["grants"] as Grant[];
    assert.equal(grant?.id, id);
    return { ...grant, worker };
  };

  it("grants an operation, and accepts its progress and end", async () => {
    const { id, operation, attempt, kind, configuration, mode } = await claimed();
    assert.deepEqual(
      { kind, attempt, configuration, mode },
      { kind: "create", attempt: 1, configuration: '{"ram":"16GB"}', mode: "forward" },
    );
    const { headers } = await fixture.send("GET", `machines/${id}`);
    const progress = { operation, attempt, sequence: 1, progress: 0.5, status: "Booting", details: '{"rack":2}' };
    assert.equal((await post("progress", progress)).status, 202);
    const unchanged = { "If-None-Match": headers.get("ETag") ?? "", Prefer: "wait=30" };
    const {
      status,
      rack,
      progress: percent,
    } = (await fixture.send("GET", `machines/${id}`, undefined, unchanged)).body;
    assert.deepEqual({ status, rack, percent }, { status: "Booting", rack: 2, percent: "50%" });
    const end = await post("end", { operation, attempt, outcome: "succeeded", details: '{"address":"10.0.0.1"}' });
    assert.deepEqual({ status: end.status, body: end.body }, { status: 200, body: { result: "ok" } });
    assert.deepEqual(await shown(id), {
      id,
      status: "Ready",
      configuration: { ram: "16GB" },
      address: "10.0.0.1",
      rack: 1,
    });
  });

  it("repeats the grant for the same claim, and grants nothing to another one", async () => {
    const { worker, operation } = await claimed();
    const again = await post("claim", { worker, claim: 1, slots: SLOTS });
    assert.deepEqual(
      (again.body["grants"] as Grant[]).map((grant) => grant.operation),
      [operation],
    );
    assert.deepEqual((await post("claim", { worker: "another", claim: 1, slots: SLOTS })).body["grants"], []);
  });

  it("records steps, and drops messages of an ended attempt", async () => {
    const { operation, attempt } = await claimed();
    const step = { operation, attempt, step: "disk", state: "done", result: '{ "id" : 7 }', undo: false };
    assert.deepEqual((await post("record", step)).body, { result: "ok" });
    assert.deepEqual((await post("record", step)).body, { result: "ok" });
    assert.deepEqual((await post("end", { operation, attempt, outcome: "handed-back" })).body, { result: "ok" });
    assert.deepEqual((await post("record", { ...step, step: "network" })).body, { result: "drop" });
    const { body } = await post("claim", { worker: "next", claim: 1, slots: SLOTS });
    const [grant] = body["grants"] as Grant[];
    assert.deepEqual(
      { attempt: grant?.attempt, records: grant?.records.map(({ step: name, result }) => [name, result]) },
      { attempt: 2, records: [["disk", '{"id":7}']] },
    );
  });

  it("replies to a heartbeat with the operations to cancel and to drop", async () => {
    const { worker, id, operation, attempt } = await claimed();
    await fixture.send("POST", `machines/${id}/cancel`);
    const attempts = [
      { operation, attempt },
      { operation: "nothing", attempt: 1 },
    ];
    const beat = {
      worker,
      number: 1,
      lastClaim: 1,
      attempts,
      progress: [{ operation, attempt, sequence: 1, progress: 0.25 }],
    };
    assert.deepEqual((await post("beat", beat)).body, { cancel: attempts.slice(0, 1), drop: attempts.slice(1) });
    assert.deepEqual((await post("end", { operation, attempt, outcome: "cancelled" })).body, { result: "ok" });
    assert.equal((await shown(id))["status"], "Cancelled");
  });

  it("accepts a heartbeat with invalid progress, and a report with an estimate below zero", async () => {
    const { worker, id, operation, attempt } = await claimed();
    const progress = [
      { operation, attempt, sequence: 1, progress: 0.25, estimatedTimeRemainingMs: -1.27 },
      { operation, attempt, sequence: 2, progress: "half" },
    ];
    const beat = { worker, number: 1, lastClaim: 1, attempts: [{ operation, attempt }], progress };
    assert.deepEqual((await post("beat", beat)).body, { cancel: [], drop: [] });
    await eventually("the progress", async () => (await shown(id))["progress"] === "25%");
    const report = { operation, attempt, sequence: 3, progress: 0.5, estimatedTimeRemainingMs: -1 };
    assert.equal((await post("progress", report)).status, 202);
  });

  it("rejects invalid details with the reason", async () => {
    const { id, operation, attempt } = await claimed();
    const end = { operation, attempt, outcome: "succeeded", details: '{"address":7}' };
    const { result, code, detail } = (await post("end", end)).body;
    assert.deepEqual({ result, code }, { result: "refused", code: "invalid-details" });
    assert.match(String(detail), /\/details\/address .*expected string/);
    const error = { code: "broken", title: "Broken", detail: "It broke.", retryable: false };
    assert.deepEqual((await post("end", { operation, attempt, outcome: "failed", error })).body, { result: "ok" });
    assert.equal((await shown(id))["status"], "Failed");
  });

  it("reports every issue of an invalid request", async () => {
    const attempt = { operation: "o1", attempt: 1 };
    const cases: [kind: string, message: unknown, pointers: string[]][] = [
      ["claim", { worker: "a b", claim: 0 }, ["/claim", "/slots", "/worker"]],
      [
        "claim",
        { worker: "w", claim: 1, slots: [{ type: "machine", kinds: "create", free: 1.5 }] },
        ["/slots/0/free", "/slots/0/kinds"],
      ],
      ["record", { ...attempt, step: "a\tb", state: "gone", undo: true }, ["/state", "/step"]],
      ["record", { ...attempt, step: "a", state: "done", undo: true, result: "{" }, ["/result"]],
      ["end", { ...attempt, outcome: "vanished" }, ["/outcome"]],
      ["end", { ...attempt, outcome: "succeeded", details: "[]" }, ["/details"]],
      ["end", { ...attempt, outcome: "succeeded", details: '{"status":"Ready"}' }, ["/details/status"]],
      [
        "end",
        { ...attempt, outcome: "failed", error: { code: "x" } },
        ["/error/detail", "/error/retryable", "/error/title"],
      ],
      [
        "beat",
        { worker: "w", number: 1, lastClaim: 0, attempts: [attempt, {}], progress: [] },
        ["/attempts/1/attempt", "/attempts/1/operation"],
      ],
      ["progress", { ...attempt, sequence: 1, progress: 7, status: "" }, ["/progress", "/status"]],
    ];
    for (const [kind, message, pointers] of cases) {
      const { status, body } = await post(kind, message);
      const found = (body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted();
      assert.deepEqual({ status, found }, { status: 422, found: pointers }, JSON.stringify(message));
    }
    assert.equal((await post("vanish", {})).status, 404);
    assert.equal((await fixture.send("GET", "worker/claim")).status, 405);
  });

  it("accepts results larger than other request bodies", async () => {
    const { operation, attempt } = await claimed();
    const result = JSON.stringify('"'.repeat(400_000));
    const step = { operation, attempt, step: "large", state: "done", undo: false };
    assert.deepEqual((await post("record", { ...step, result })).body, { result: "ok" });
    const more = { ...step, step: "larger", result: JSON.stringify("x".repeat(1_000_000)) };
    assert.deepEqual((await post("record", more)).body, { result: "too-large" });
  });

  it("lets a claim wait until an operation is due", async () => {
    const waiting = post("claim", { worker: "patient", claim: 1, slots: SLOTS }, { Prefer: "wait=30" });
    const id = await fixture.create("machines");
    const { body, headers } = await waiting;
    assert.deepEqual(
      (body["grants"] as Grant[]).map((grant) => grant.id),
      [id],
    );
    assert.equal(headers.get("Preference-Applied"), "wait=30");
  });

  it("replies to a waiting claim when the time is up", async () => {
    const { status, body } = await post("claim", { worker: "patient", claim: 2, slots: SLOTS }, { Prefer: "wait=1" });
    assert.deepEqual({ status, body }, { status: 200, body: { grants: [] } });
  });

  it("accepts posts again once the worker with the claim is dead", async () => {
    const { id, operation, attempt } = await claimed();
    await post("end", { operation, attempt, outcome: "lost" });
    const done = statusMessage(`machine/${id}`, "succeeded", { details: { address: "10.0.0.1" } });
    assert.equal((await fixture.send("POST", "messages", done)).status, 202);
    assert.equal((await shown(id))["status"], "Ready");
  });
});

it("a waiting claim gets a reply when the app closes", async () => {
  const fixture = await startFixture();
  const claim = fixture.send("POST", "worker/claim", { worker: "w1", claim: 1, slots: SLOTS }, { Prefer: "wait=60" });
  await fixture.create("orders");
  await fixture[Symbol.asyncDispose]();
  assert.ok([200, 503].includes((await claim).status));
});
