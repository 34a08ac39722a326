import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { postgresStore } from "../../src/stores/postgres/index.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

/** Work that ends on demand, and reports its abort. */
function parcels() {
  const begun = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const parcel = defineResource({
    name: "parcel",
    configuration: z.object({}),
    details: z.object({}),
    statuses: { ready: "Delivered" },
    create: {
      status: "Travelling",
      work: async ({ signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        begun.resolve();
        await Promise.race([arrived.promise, aborted.promise]);
        signal.throwIfAborted();
        return {};
      },
    },
  });
  return { parcel, begun: begun.promise, aborted: aborted.promise, arrive: arrived.resolve };
}

describe("nodes of one database", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  /** A server node and a worker node with stopped clocks: everything arrives by notification, nothing by polling. */
  async function nodes() {
    const { parcel, ...work } = parcels();
    const schema = server.schema();
    const serving = createApp({ resources: [parcel] });
    const working = createApp({ resources: [parcel] });
    await serving.start({
      store: postgresStore({ url: server.url, schema }),
      clock: new SteppedClock(),
      role: "server",
    });
    await working.start({
      store: postgresStore({ url: server.url, schema }),
      clock: new SteppedClock(),
      role: "worker",
    });
    const request = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
      serving.fetch(new Request(`http://localhost${path}`, { method, headers }));
    const post = (): Promise<Response> => {
      const headers = { "Content-Type": "application/json" };
      return serving.fetch(
        new Request("http://localhost/api/parcels", { method: "POST", headers, body: '{"configuration":{}}' }),
      );
    };
    return {
      ...work,
      request,
      post,
      [Symbol.asyncDispose]: async () => {
        work.arrive();
        await Promise.all([serving.close(), working.close()]);
        await server.drop(schema);
      },
    };
  }

  it("start operations that another accepted, and release requests waiting for what another finished", async () => {
    await using pair = await nodes();
    const accepted = await pair.post();
    assert.equal(accepted.status, 202);
    await pair.begun;
    const waiting = pair.request("GET", accepted.headers.get("Location") ?? "", { Prefer: "wait=50" });
    pair.arrive();
    assert.match(await (await waiting).text(), /"status":"Delivered"/);
  });

  it("abort work that another node cancels", async () => {
    await using pair = await nodes();
    const accepted = await pair.post();
    const location = accepted.headers.get("Location") ?? "";
    await pair.begun;
    const waiting = pair.request("GET", location, { Prefer: "wait=50" });
    assert.equal((await pair.request("POST", `${location}/cancel`)).status, 202);
    await pair.aborted;
    assert.match(await (await waiting).text(), /"code":"cancelled"/);
  });
});
