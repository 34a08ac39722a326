import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { temporaryFolder } from "../../test/support/afoot-process.ts";
import { parseObject } from "../../test/support/json.ts";
import { defineResource } from "../core/definition/define-resource.ts";
import { DefinitionError, isAfootError } from "../core/errors.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";
import { type App, createApp } from "./create-app.ts";

const parcel = defineResource({
  name: "parcel",
  configuration: z.object({ to: z.string() }),
  details: z.object({ number: z.string() }),
  statuses: { ready: "Delivered" },
  create: { status: "Travelling", work: async ({ configuration }) => ({ number: `for ${configuration.to}` }) },
});

describe("createApp", () => {
  it("serves typed collections inside the process without authentication", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [parcel], authenticate: () => null });
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
    try {
      const handle = await app.parcels.create({ to: "Ada" });
      const state = await handle.settled();
      assert.equal(state.number, "for Ada");
      const fetched = await app.fetch(new Request(`http://localhost/api/parcels/${handle.id}`));
      assert.equal(fetched.status, 401);
    } finally {
      await app.close();
    }
  });

  it("returns an app that is an App, whatever its types are", () => {
    const app: App = createApp({ resources: [parcel, { ...parcel, name: "letter", path: "letters" }] });
    assert.deepEqual(
      app.types.map(({ name }) => name),
      ["parcel", "letter"],
    );
  });

  it("closes although a caller inside the process repeats its request at once", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [parcel] });
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
    const { id } = await app.parcels.create({ to: "Alan" });
    const url = `http://localhost/api/parcels/${id}`;
    let response = await app.fetch(new Request(url));
    while (response.headers.has("Retry-After")) response = await app.fetch(new Request(url));
    assert.equal(parseObject(await response.text())["status"], "Delivered");
    await app.close();
  });

  it("serves again after it was closed, from the same store", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [parcel] });
    const path = `${folder.path}/afoot.db`;
    await app.start({ store: sqliteStore({ path }) });
    await assert.rejects(
      app.start({ store: sqliteStore({ path }) }),
      (error) => isAfootError(error) && error.code === "started",
    );
    const { id } = await app.parcels.create({ to: "Grace" });
    await app.close();
    await app.start({ store: sqliteStore({ path }) });
    const response = await app.fetch(
      new Request(`http://localhost/api/parcels/${id}`, { headers: { Prefer: "wait=20" } }),
    );
    assert.equal(parseObject(await response.text())["status"], "Delivered");
    await app.close();
  });

  it("reports that it is not started, and from the call of close() that it is stopping", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [parcel] });
    assert.deepEqual(await app.status(), [{ name: "app", ready: false, detail: "not started" }]);
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
    assert.ok((await app.status()).every(({ ready }) => ready));
    const closed = app.close();
    assert.deepEqual(await app.status(), [{ name: "app", ready: false, detail: "stopping" }]);
    await closed;
    assert.deepEqual(await app.status(), [{ name: "app", ready: false, detail: "not started" }]);
  });

  it("aborts the signal of running work at once, while a request is still in flight", async () => {
    await using folder = await temporaryFolder();
    const running = Promise.withResolvers<AbortSignal>();
    const slow = defineResource({
      name: "slow",
      configuration: z.object({}),
      details: z.object({ reason: z.string() }),
      statuses: { ready: "Done" },
      create: {
        status: "Working",
        async work({ signal }) {
          running.resolve(signal);
          await once(signal, "abort");
          return { reason: isAfootError(signal.reason) ? signal.reason.code : "unknown" };
        },
      },
    });
    const app = createApp({ resources: [slow] });
    const store = sqliteStore({ path: `${folder.path}/afoot.db` });
    await app.start({ store });
    const { id } = await app.slows.create({});
    const signal = await running.promise;
    const body = new TransformStream<Uint8Array, Uint8Array>();
    const request = new Request("http://localhost/api/slows", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body.readable,
      duplex: "half",
    });
    const inFlight = app.fetch(request);
    const closed = app.close({ graceMs: 60_000 });
    await setImmediate();
    assert.ok(signal.aborted);
    await body.writable.close();
    assert.equal((await inFlight).status, 400);
    await Promise.all([closed, app.close()]);
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
    assert.equal((await (await app.slows.get(id)).settled()).reason, "handed-back");
    await app.close();
  });

  it("closes once for several calls, and cannot be started meanwhile", async () => {
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [parcel] });
    const options = { store: sqliteStore({ path: `${folder.path}/afoot.db` }) };
    await app.start(options);
    let isClosed = false;
    const first = app.close().then(() => {
      isClosed = true;
    });
    await assert.rejects(app.start(options), (error) => isAfootError(error) && error.code === "started");
    await app.close();
    assert.ok(isClosed);
    await first;
    for (const graceMs of [-1, Number.NaN, Infinity, 86_400_001]) {
      await assert.rejects(app.close({ graceMs }), DefinitionError);
    }
  });

  it("rejects two types with one name, and a path that would hide a member of the app", () => {
    const named = (name: string, path: string) =>
      defineResource({
        name,
        path,
        configuration: z.object({}),
        details: z.object({}),
        statuses: { ready: "Ready" },
        create: { status: "Making", work: async () => ({}) },
      });
    assert.throws(() => createApp({ resources: [parcel, parcel] }), DefinitionError);
    assert.throws(
      () => createApp({ resources: [named("one", "things"), named("two", "things")] }),
      /path "things" is declared twice/,
    );
    assert.throws(() => createApp({ resources: [named("state", "status")] }), /would hide app\.status/);
    assert.throws(() => createApp({ resources: [] }), /at least one resource type/);
  });
});
