import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isAfootError, type Principal } from "afoot";
import type { Grant } from "../../src/core/ports/messages.ts";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { MARK, PRINCIPALS, type Reply, startInvoices } from "./principal.ts";

const { ann, bob, carla, dave } = PRINCIPALS;
const owner = "team-1";

const configuration = { text: "hello" };

function grantsOf({ body }: Reply): readonly Grant[] {
  return body["grants"] as readonly Grant[];
}

describe("work knows who asked", () => {
  it("for each operation: the creator, and whoever updates, acts and deletes", async () => {
    await using running = await startInvoices();
    const { send, settle, seen } = running;
    const path = await settle("ann", "POST", "invoices", { configuration });
    await settle("bob", "PATCH", path, { configuration: { text: "changed" } });
    await send("carla", "POST", `${path}/send`, { to: "x" });
    await eventually("the action to wait", async () =>
      (await send("ann", "GET", `${path}/history`)).text.includes('"waiting"'),
    );
    // The sender of a message is not the one who asked for the operation.
    await settle("bob", "POST", `${path}/receipt`, { at: "noon" });
    assert.deepEqual((await send("dave", "GET", path)).status, 404);
    await send("ann", "DELETE", path);
    await eventually("the delete", () => seen.some(({ by }) => by === "delete"));
    assert.deepEqual(seen, [
      { by: "create", owner, principal: ann },
      { by: "update", owner, principal: bob },
      { by: "send", owner, principal: carla },
      { by: "send", owner, principal: carla },
      { by: "sent", owner, principal: carla },
      { by: "delete", owner, principal: ann },
    ]);
  });

  it("in undo functions, and after a retry for the one who asked for the retry", async () => {
    await using running = await startInvoices();
    const { settle, seen } = running;
    const path = await settle("ann", "POST", "invoices", { configuration: { fails: true } });
    await settle("bob", "POST", `${path}/retry`);
    const calls = seen.filter(({ by }, index) => by !== seen[index - 1]?.by);
    assert.deepEqual(calls, [
      { by: "create", owner, principal: ann },
      { by: "undo", owner, principal: ann },
      { by: "create", owner, principal: bob },
      { by: "undo", owner, principal: bob },
    ]);
  });

  it("for a delete that begins later, the sender of the DELETE", async () => {
    await using running = await startInvoices();
    const { send, settle, seen } = running;
    const path = await settle("ann", "POST", "invoices", { configuration });
    await send("ann", "POST", `${path}/send`, { to: "x" });
    await eventually("the action", () => seen.some(({ by }) => by === "send"));
    assert.equal((await send("bob", "DELETE", path)).status, 202);
    await send("carla", "DELETE", path);
    await eventually("the delete", () => seen.some(({ by }) => by === "delete"));
    assert.deepEqual(seen.at(-1), { by: "delete", owner, principal: bob });
  });

  it("in observe, and in the grants of external workers", async () => {
    await using running = await startInvoices();
    const { send, seen } = running;
    const scan = await send("ann", "POST", "scans", { configuration: {} });
    await send("bob", "GET", scan.headers.get("location") ?? "");
    assert.deepEqual(seen.at(-1), { by: "observe", owner, principal: ann });

    const { headers } = await send("bob", "POST", "parcels", { configuration: {} });
    const claim = (number: number, kind: string): Promise<Reply> =>
      send("olga", "POST", "worker/claim", {
        worker: "w",
        claim: number,
        slots: [{ type: "parcel", kinds: [kind], free: 5 }],
      });
    const [made] = grantsOf(await claim(1, "create"));
    assert.deepEqual({ owner: made?.owner, principal: made?.principal }, { owner, principal: JSON.stringify(bob) });
    await send("olga", "POST", "worker/end", {
      operation: made?.operation,
      attempt: 1,
      outcome: "succeeded",
      details: "{}",
    });
    await send("carla", "DELETE", headers.get("location") ?? "");
    const [gone] = grantsOf(await claim(2, "delete"));
    assert.deepEqual({ owner: gone?.owner, principal: gone?.principal }, { owner, principal: JSON.stringify(carla) });
  });

  it("in calls inside the process, which name a principal, an owner, or none", async () => {
    await using running = await startInvoices();
    const { app, seen, send } = running;
    await (await app.as(dave ?? { id: "" }).invoices.create(configuration)).settled();
    await (await app.invoices.create(configuration, { owner: "team-3" })).settled();
    await (await app.invoices.create(configuration)).settled();
    const { body } = await send("olga", "GET", "invoices");
    assert.equal((body["items"] as unknown[]).length, 3);
    assert.deepEqual(seen, [
      { by: "create", owner: "team-2", principal: dave },
      { by: "create", owner: "team-3", principal: { id: "team-3" } },
      { by: "create", owner: undefined, principal: undefined },
    ]);
  });

  it("after the process was killed", async () => {
    await using folder = await temporaryFolder();
    const options = { app: join(import.meta.dirname, "asked.app.ts"), folder: folder.path };
    const headers = (authorization: string) => ({ authorization, "content-type": "application/json" });
    const first = await startAfoot(options);
    const body = JSON.stringify({ configuration: {} });
    const made = await fetch(`${first.origin}/api/reports/a`, { method: "PUT", headers: headers("ann"), body });
    assert.equal(made.status, 202);
    await first.kill();
    await using second = await startAfoot(options);
    const url = `${second.origin}/api/reports/a`;
    const sent = await fetch(`${url}/approval`, { method: "POST", headers: headers("bob"), body: "{}" });
    assert.equal(sent.status, 202);
    await eventually("the report", async () => {
      const text = await (await fetch(url, { headers: headers("bob") })).text();
      return text.includes('"asked":"ann of team-1, acme"');
    });
  });

  it("as nobody without authentication, and nothing is added to grants", async () => {
    await using running = await startInvoices({ authenticate: undefined });
    const { send, settle, seen } = running;
    await settle("ann", "POST", "invoices", { configuration });
    assert.deepEqual(seen, [{ by: "create", owner: undefined, principal: undefined }]);
    await send("ann", "POST", "parcels", { configuration: {} });
    const slots = [{ type: "parcel", kinds: ["create"], free: 1 }];
    const [grant] = grantsOf(await send("ann", "POST", "worker/claim", { worker: "w", claim: 1, slots }));
    assert.ok(grant !== undefined && !("owner" in grant) && !("principal" in grant));
  });
});

describe("a principal that cannot be kept", () => {
  /** A principal of a class, whose id is a getter. */
  class Session {
    readonly #id = "eve";
    get id(): string {
      return this.#id;
    }
  }
  const cyclic: { id: string; self?: object } = { id: "eve" };
  cyclic.self = cyclic;
  const cases: readonly (readonly [principal: object, problem: RegExp])[] = [
    [
      { id: "eve", groups: "x".repeat(9000) },
      /principal\.groups: .* 90\d\d characters .*groups, has 9002.* at most 8192/,
    ],
    [{ id: "eve", session: { expires: () => 7 } }, /principal\.session\.expires: a function cannot be represented/],
    [{ id: "eve", account: 123n }, /principal\.account: a BigInt cannot be represented/],
    [{ id: "eve", groups: new Set(["x"]) }, /principal\.groups: a Set cannot .*use an array/],
    [cyclic, /principal\.self: a cycle/],
    [new Session(), /JSON loses its id or its owner/],
  ];

  it("is refused at a write, with the field and the limit but not its value; reads succeed", async () => {
    let principal: object = {};
    await using running = await startInvoices({ authenticate: () => principal as Principal });
    const { send, seen, app } = running;
    principal = { id: "eve" };
    const { headers } = await send("eve", "PUT", "invoices/kept", { configuration });
    assert.equal(headers.get("location"), "/api/invoices/kept");
    for (const [invalid, problem] of cases) {
      principal = invalid;
      assert.equal((await send("eve", "GET", "invoices/kept")).status, 200);
      for (const [method, path, body] of [
        ["POST", "invoices", { configuration }],
        ["PUT", "invoices/other", { configuration }],
        ["DELETE", "invoices/kept", undefined],
      ] as const) {
        const { status, text, body: answer } = await send("eve", method, path, body);
        assert.deepEqual([status, answer["code"]], [403, "forbidden"], text);
        assert.match(String(answer["detail"]), problem);
        assert.ok(!text.includes("xxxx") && !text.includes("123"), text);
      }
      assert.throws(
        () => app.as(invalid as Principal),
        (error) => isAfootError(error) && error.code === "invalid-principal",
      );
    }
    assert.throws(() => app.as({ id: "eve", tenant: "x".repeat(9000) }), /principal\.tenant: .*at most 8192/);
    principal = { id: "eve", tenant: "x".repeat(8000) };
    assert.equal((await send("eve", "POST", "invoices", { configuration })).status, 202);
    await eventually("the work", () => seen.some((each) => each.principal?.tenant?.length === 8000));
  });
});

describe("a principal", () => {
  it("is shown nowhere: in no response, stream, document, metric or log line", async () => {
    await using running = await startInvoices();
    const { app, send, settle } = running;
    const path = await settle("ann", "POST", "invoices", { configuration });
    const stream = await app.fetch(
      new Request(`http://localhost/api/dashboard/watch?resources=${path}`, {
        headers: { authorization: "ann", accept: "text/event-stream" },
      }),
    );
    const failed = await settle("bob", "POST", "invoices", { configuration: { fails: true } });
    const operation = String(
      (JSON.parse((await send("ann", "GET", `${path}/history`)).text) as { items: { operation: string }[] }).items[0]
        ?.operation,
    );
    await send("ann", "POST", `${path}/send`, { to: "x" });
    const replies = await Promise.all([
      ...["invoices", path, failed, `${path}/history`, `operations/${operation}?resource=${path}`].map((each) =>
        send("ann", "GET", each),
      ),
      send({ authorization: "ann", accept: "text/event-stream" }, "GET", failed),
      ...["overview", "resources", "types"].map((view) => send("olga", "GET", `dashboard/${view}`)),
      send("ann", "POST", "invoices", { configuration: { text: "x".repeat(30) } }),
      send("dave", "GET", path),
      send("dave", "DELETE", path),
      send("olga", "DELETE", path),
    ]);
    for (const { text, headers } of replies) {
      assert.ok(!text.includes(MARK) && !JSON.stringify([...headers]).includes(MARK), text);
    }
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200, 202, 404, 422]));
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let events = "";
    while (!events.includes(path.slice("invoices/".length))) events += (await reader?.read())?.value ?? assert.fail();
    await reader?.cancel();
    assert.ok(!events.includes(MARK), events);
    assert.match(await app.metrics(), /afoot_/);
    assert.ok(!(await app.metrics()).includes(MARK));
    assert.match(running.log(), /No paper/);
    assert.ok(!running.log().includes(MARK));
  });
});
