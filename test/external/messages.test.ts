import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { statusMessage, type JsonReply, type Fixture, startFixture } from "./fixture.ts";

describe("POST /api/messages", () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());

  const post = (body: unknown, headers?: Record<string, string>): Promise<JsonReply> =>
    fixture.send("POST", "messages", body, headers);
  const shown = async (id: string): Promise<Record<string, unknown>> => {
    const { estimatedTimeRemaining: _, ...rest } = (await fixture.send("GET", `machines/${id}`)).body;
    return rest;
  };
  const refused = ({ status, body }: JsonReply): unknown[] => [status, body["code"], body["errors"]];
  const MACHINE = { status: "Provisioning", configuration: { ram: "16GB" } };

  it("applies the messages of a process from the first to the last", async () => {
    const id = await fixture.create("machines");
    const subject = `machine/${id}`;
    assert.equal((await post(statusMessage(subject, "progress", { progress: 0.25 }))).status, 202);
    assert.deepEqual(await shown(id), { id, ...MACHINE, progress: "25%" });
    await post(statusMessage(subject, "progress", { progress: 0.5, status: "Booting", details: { rack: 7 } }));
    assert.deepEqual(await shown(id), { id, ...MACHINE, status: "Booting", progress: "50%", rack: 7 });
    const done = await post(
      statusMessage(subject, "succeeded", { details: { address: "10.0.0.1" }, label: "Stopped" }),
    );
    assert.deepEqual({ status: done.status, body: done.body }, { status: 202, body: {} });
    assert.deepEqual(await shown(id), {
      id,
      status: "Stopped",
      configuration: { ram: "16GB" },
      address: "10.0.0.1",
      rack: 1,
    });
  });

  it("shows the sender's error of a failure", async () => {
    const id = await fixture.create("machines");
    await post(
      statusMessage(`machine/${id}`, "failed", { error: { code: "no-capacity", message: "The rack is full." } }),
    );
    const { status, error } = await shown(id);
    assert.equal(status, "Failed");
    const type = "urn:afoot:problem:no-capacity";
    assert.deepEqual(error, {
      type,
      title: "No capacity",
      detail: "The rack is full.",
      code: "no-capacity",
      retryable: false,
    });
  });

  it("applies the later message by its time, and accepts the settling one again", async () => {
    const id = await fixture.create("machines");
    const at = (seconds: number): { time: string } => ({ time: `2026-01-01T00:00:0${seconds}+02:00` });
    await post(statusMessage(`machine/${id}`, "progress", { status: "Booting" }, at(5)));
    assert.equal((await post(statusMessage(`machine/${id}`, "progress", { status: "Allocating" }, at(4)))).status, 202);
    assert.equal((await shown(id))["status"], "Booting");
    const done = statusMessage(`machine/${id}`, "succeeded", { details: { address: "10.0.0.1" } }, at(6));
    assert.equal((await post(done)).status, 202);
    assert.equal((await post(done)).status, 202);
    assert.deepEqual(refused(await post({ ...done, ...at(7) })), [409, "settled", undefined]);
  });

  it("applies a batch together", async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => fixture.create("machines")));
    const batch = ids.map((id) => statusMessage(`machine/${id}`, "succeeded", { details: { address: "10.0.0.1" } }));
    assert.equal((await post(batch, { "Content-Type": "application/cloudevents-batch+json" })).status, 202);
    for (const id of ids) assert.equal((await shown(id))["status"], "Ready");
  });

  it("applies the rest of a batch if some messages can never be applied, and names those", async () => {
    const id = await fixture.create("machines");
    const good = statusMessage(`machine/${id}`, "progress", { progress: 0.5 });
    const response = await post([
      statusMessage("machine/nobody", "progress", { progress: 0.5 }),
      good,
      { ...good, data: { progress: 2 } },
    ]);
    const errors = [
      { pointer: "/0", detail: "resource-not-found: There is no resource of this type and id." },
      { pointer: "/2/data/progress", detail: "must be <= 1" },
    ];
    assert.deepEqual(refused(response), [422, "validation", errors]);
    assert.match(String(response.body["detail"]), /Of 3 messages, 2 .* The others are applied/);
    assert.equal((await shown(id))["progress"], "50%");
  });

  it("reports why a message can never be applied, with every issue", async () => {
    const id = await fixture.create("machines");
    const subject = `machine/${id}`;
    const order = `order/${await fixture.create("orders")}`;
    const invalid = (pointer: string, detail: string): unknown[] => [422, "validation", [{ pointer, detail }]];
    const cases: [message: unknown, response: unknown[]][] = [
      [statusMessage("machine/nobody", "progress", { progress: 0.5 }), [404, "resource-not-found", undefined]],
      [statusMessage("stranger/1", "progress", { progress: 0.5 }), [404, "resource-not-found", undefined]],
      [statusMessage(order, "progress", { progress: 0.5 }), [409, "not-external", undefined]],
      [statusMessage(subject, "progress", {}), invalid("/data", "must NOT have fewer than 1 properties")],
      [
        statusMessage(subject, "progress", { progres: 1 }),
        invalid("/data", 'must NOT have additional properties: "progres"'),
      ],
      [
        statusMessage(subject, "progress", { details: { status: "Ready" } }),
        invalid("/data/details/status", "is reserved: every representation has this field; choose another name"),
      ],
      ...["Ready", "Failed", "Cancelled"].map((status): [message: unknown, response: unknown[]] => [
        statusMessage(subject, "progress", { status }),
        invalid(
          "/data/status",
          "is a label of settled resources; report another one, or post dev.afoot.succeeded or dev.afoot.failed",
        ),
      ]),
      [statusMessage(subject, "exploded", {}), invalid("/type", "is unknown")],
      [
        statusMessage(subject, "succeeded", { details: {}, label: "Fine" }),
        invalid("/data/details/address", "Invalid input: expected string, received undefined"),
      ],
      [
        statusMessage(subject, "succeeded", { details: { address: "10.0.0.1" }, label: "Fine" }),
        invalid("/data/label", "is not a ready label of the type"),
      ],
      [
        statusMessage(subject, "received", { name: "approval", value: {} }),
        invalid("/data/name", "is not a message that machine receives"),
      ],
      [
        statusMessage(order, "received", { name: "approval", value: { by: 1 } }),
        invalid("/data/value/by", "Invalid input: expected string, received number"),
      ],
      [
        statusMessage(subject, "progress", { progress: 1 }, { time: "yesterday" }),
        invalid("/time", String.raw`must match pattern "^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"`),
      ],
      [
        statusMessage(subject, "progress", { progress: 1 }, { time: "2026-99-99T00:00:00Z" }),
        invalid("/time", "is not a date and time"),
      ],
      [
        statusMessage(subject, "progress", { progress: 1 }, { time: "2999-01-01T00:00:00Z" }),
        invalid("/time", "is more than a day in the future"),
      ],
      [[], invalid("", "holds no message")],
      [7, invalid("", "must be object")],
    ];
    for (const [message, response] of cases) {
      assert.deepEqual(refused(await post(message)), response, JSON.stringify(message));
    }
    const both = await post({
      ...statusMessage(subject, "progress", { progress: "half" }),
      specversion: "0.3",
      id: "",
    });
    assert.deepEqual((both.body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted(), [
      "/data/progress",
      "/id",
      "/specversion",
    ]);
    assert.deepEqual(await shown(id), { id, ...MACHINE });
  });

  it("rejects messages about an operation that a worker has claimed", async () => {
    const id = await fixture.create("machines");
    const slots = [{ type: "machine", kinds: ["create"], free: 1000 }];
    await fixture.send("POST", "worker/claim", { worker: "claimer", claim: 1, slots });
    assert.deepEqual(refused(await post(statusMessage(`machine/${id}`, "progress", { progress: 0.5 }))), [
      409,
      "operation-claimed",
      undefined,
    ]);
  });

  it("accepts the media types of CloudEvents, and no others", async () => {
    const id = await fixture.create("machines");
    const message = statusMessage(`machine/${id}`, "progress", { progress: 0.5 });
    assert.equal((await post(message, { "Content-Type": "application/cloudevents+json; charset=utf-8" })).status, 202);
    assert.equal((await post(message, { "Content-Type": "text/plain" })).status, 415);
    assert.equal((await post("{", { "Content-Type": "application/json" })).status, 400);
    assert.equal((await fixture.send("GET", "messages")).status, 405);
  });

  it("ends a delete, which leaves no details", async () => {
    const id = await fixture.create("machines");
    await post(statusMessage(`machine/${id}`, "succeeded", { details: { address: "10.0.0.1" } }));
    assert.equal((await fixture.send("DELETE", `machines/${id}`)).body["status"], "Deleting");
    assert.equal((await post(statusMessage(`machine/${id}`, "succeeded", { details: {} }))).status, 202);
    assert.equal((await fixture.send("GET", `machines/${id}`)).body["code"], "resource-deleted");
  });
});

describe("POST /api/messages and the work of the app", () => {
  it("delivers a message to the waiting work once, however often it is posted", async () => {
    await using fixture = await startFixture({ role: "all" });
    const id = await fixture.create("orders");
    const approval = statusMessage(`order/${id}`, "received", { name: "approval", value: { by: "Ada" } });
    const responses = await Promise.all([
      fixture.send("POST", "messages", [approval, approval]),
      fixture.send("POST", "messages", approval),
    ]);
    assert.ok(
      responses.every(({ status }) => status === 202 || status === 409),
      JSON.stringify(responses),
    );
    const settled = await fixture.send("GET", `orders/${id}`, undefined, { Prefer: "wait=30" });
    assert.deepEqual(settled.body, { id, status: "Approved", configuration: { item: "book" }, by: "Ada" });
    const history = await fixture.send("GET", `orders/${id}/history`);
    assert.equal(JSON.stringify(history.body).split('"received"').length, 2);
  });
});

describe("permission to post messages and to work", () => {
  const message = statusMessage("machine/1", "progress", { progress: 0.5 });
  const claim = { worker: "w1", claim: 1, slots: [] };
  const authenticate = ({ headers }: { headers: Headers }): { id: string } | null => {
    const id = headers.get("authorization");
    return id === null ? null : { id };
  };

  it("is off unless the options enable it", async () => {
    await using fixture = await startFixture({ options: { messages: false, worker: false } });
    assert.equal((await fixture.send("POST", "messages", message)).status, 404);
    assert.equal((await fixture.send("POST", "worker/claim", claim)).status, 404);
  });

  it("is limited to principals that authorize accepts", async () => {
    const authorize = ({ principal, type }: { principal: { id: string }; type: string }): boolean | undefined =>
      ["message", "worker"].includes(type) ? principal.id === type : undefined;
    await using fixture = await startFixture({ options: { authenticate, authorize } });
    const statusOf = async (path: string, body: unknown, who?: string): Promise<number> =>
      (await fixture.send("POST", path, body, who === undefined ? {} : { Authorization: who })).status;
    assert.deepEqual(
      [
        await statusOf("messages", message),
        await statusOf("messages", message, "client"),
        await statusOf("messages", message, "message"),
      ],
      [401, 403, 404],
    );
    assert.deepEqual(
      [
        await statusOf("worker/claim", claim),
        await statusOf("worker/claim", claim, "message"),
        await statusOf("worker/claim", claim, "worker"),
      ],
      [401, 403, 200],
    );
  });

  it("is denied to every principal without authorize", async () => {
    await using fixture = await startFixture({ options: { authenticate } });
    assert.equal((await fixture.send("POST", "messages", message, { Authorization: "client" })).status, 403);
  });
});
