import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { send } from "../support/exchange.ts";
import { natsMissing, startNats } from "../support/nats.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";
import { allSettled, Ledger, makeMany, post } from "./fixture.ts";

const app = join(import.meta.dirname, "gate-app.ts");
const RUNNING = 1000;
/** Additional duration of the outage after the end of all work. Set OUTAGE_MS=30000, twice a lease, for a run by hand. */
const EXTRA_OUTAGE_MS = Number(process.env["OUTAGE_MS"] ?? 0);

/** Asserts that the outage has interrupted no work. */
function isUntouched(ended: readonly Record<string, unknown>[], ledger: Ledger, count: number): void {
  assert.equal(ended.length, count);
  assert.deepEqual(
    ended.filter(({ status, tries }) => status !== "Ready" || tries !== 1),
    [],
    "no operation was released from its worker",
  );
  for (const what of ["left", "waits", "passed"]) {
    const ids = ledger.of(what);
    assert.deepEqual({ count: ids.length, size: new Set(ids).size }, { count, size: count }, `${what}: once each`);
  }
  assert.deepEqual(ledger.of("aborted"), []);
}

describe("the broker away while a thousand operations run", { skip: natsMissing() }, () => {
  it("rejects no request, keeps all results, and performs the new operations once the broker is back", async () => {
    await using folder = await temporaryFolder();
    await using nats = await startNats();
    const environment = { GATE_FOLDER: folder.path };
    const broker = ["--broker", nats.url];
    await using server = await startAfoot({
      app,
      folder: folder.path,
      environment,
      flags: ["--role", "server", ...broker],
    });
    await using worker = await startAfoot({ app, environment, flags: ["--role", "worker", ...broker] });
    const ledger = new Ledger(folder.path);
    const paths = await makeMany(server.origin, RUNNING);
    await ledger.reaches("waits", RUNNING);

    await nats.kill();
    const accepted = await post(server.origin);
    assert.equal(accepted.status, 202);
    paths.push(accepted.headers.get("Location") ?? "");
    for (const path of paths.slice(-3)) assert.equal((await send(server.origin + path, "GET")).status, 200);
    const { status, body } = await send(`${server.origin}/readyz`, "GET");
    assert.equal(status, 200, "a server that can accept is in service");
    assert.match(JSON.stringify(body), /"name":"broker","ready":false/);
    ledger.openGate();
    await ledger.reaches("through", RUNNING);
    await delay(EXTRA_OUTAGE_MS);
    const waiting = await send(server.origin + (paths.at(-1) ?? ""), "GET");
    assert.equal(waiting.body["status"], "Walking");
    await nats.start();

    isUntouched(await allSettled(server.origin, paths), ledger, RUNNING + 1);
    assert.equal(await worker.stop(), 0);
  });
});

describe("the database away while a thousand operations run", { skip: await postgresMissing() }, () => {
  it("returns 503 meanwhile, releases no operation from its worker, and loses no result", async () => {
    await using folder = await temporaryFolder();
    await using services = new AsyncDisposableStack();
    const postgres = await startPostgres();
    services.defer(() => postgres.remove());
    const environment = { GATE_FOLDER: folder.path };
    const flags = ["--store", `${postgres.url}?schema=${postgres.schema()}`];
    await using server = await startAfoot({ app, environment, flags: ["--role", "server", ...flags] });
    await using worker = await startAfoot({ app, environment, flags: ["--role", "worker", ...flags] });
    const ledger = new Ledger(folder.path);
    const paths = await makeMany(server.origin, RUNNING);
    await ledger.reaches("waits", RUNNING);

    await postgres.end("fast");
    for (const refused of [await post(server.origin), await send(server.origin + (paths[0] ?? ""), "GET")]) {
      assert.deepEqual(
        { status: refused.status, code: refused.body["code"] },
        { status: 503, code: "store-unavailable" },
      );
      assert.ok(refused.headers.has("Retry-After"));
    }
    ledger.openGate();
    await ledger.reaches("through", RUNNING);
    await delay(EXTRA_OUTAGE_MS);
    assert.equal((await send(`${server.origin}/readyz`, "GET")).status, 503);
    await postgres.start();

    isUntouched(await allSettled(server.origin, paths), ledger, RUNNING);
    assert.equal(await worker.stop(), 0);
  });
});
