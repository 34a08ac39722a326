import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { type PostgresStores, postgresStores } from "../../../../test/support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../../test/support/postgres.ts";
import {
  applied,
  change,
  claimAll,
  create,
  ready,
  running,
  workerEvent,
} from "../../../conformance/store/fixture/changes.ts";
import { POLICIES } from "../../../conformance/store/fixture/types.ts";
import { policyOf } from "../../../core/policy.ts";
import { postgresStore } from "../index.ts";

/** JSON that PostgreSQL's own does not know. */
const ODD = String.raw`{"a":"\u0000","b":"\ud800"}`;

const onFatal = (error: unknown): never => assert.fail(String(error));

describe("the views of a postgres store", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let stores: PostgresStores;
  before(async () => {
    server = await startPostgres();
    stores = postgresStores(server);
  });
  after(async () => {
    await stores[Symbol.asyncDispose]();
    await server.remove();
  });

  it("show what a representation shows, in types that can be queried and joined", async () => {
    const store = await stores.open();
    const made = await ready(store, "made");
    await applied(store, change(made, { id: "update", kind: "update", configuration: '{"size":7}' }));
    const claimed = await claimAll(store, { kinds: ["update"], claim: 2 });
    assert.equal(claimed.length, 1);
    await applied(
      store,
      workerEvent("update", { event: "progress", attempt: 1, sequence: 1, progress: 0.5, details: '{"at":"half"}' }),
    );
    await running(store, "running", { claim: 3 });
    const error = { code: "work-failed", title: "Work failed", detail: "Out of luck.", retryable: false };
    await applied(store, workerEvent("running-create", { event: "failed", attempt: 1, error }));
    await applied(store, create("odd", { operation: { configuration: ODD, owner: "ada" } }));
    await applied(store, create("gone", { type: "gadget" }));
    const [gone] = await store.read([{ type: "gadget", id: "gone" }]);
    await store.claim([
      { worker: "g", claim: 1, slots: [{ type: "gadget", kinds: ["create"], free: 1 }], at: Date.now() },
    ]);
    const settled = await applied(store, workerEvent("gone-create", { event: "succeeded", attempt: 1, details: "{}" }));
    await applied(store, change(settled, { id: "gone-delete", kind: "delete" }));
    assert.ok(gone !== undefined);
    const rows = await stores.query(
      `select id, owner, status, in_progress, configuration, details, error->>'code' as code, progress,
        created_at = to_timestamp(1700000000) as created, settled_at is null as unsettled
       from {schema}.widget order by id`,
    );
    const common = { owner: null, code: null, progress: null, created: true };
    assert.deepEqual(rows, [
      {
        ...common,
        id: "made",
        status: "Changing",
        in_progress: true,
        configuration: { size: 7 },
        details: { at: "half" },
        progress: 0.5,
        unsettled: true,
      },
      {
        ...common,
        id: "odd",
        owner: "ada",
        status: "Making",
        in_progress: true,
        configuration: ODD,
        details: {},
        unsettled: true,
      },
      {
        ...common,
        id: "running",
        status: "Failed",
        in_progress: false,
        configuration: { size: 1 },
        details: {},
        code: "work-failed",
        unsettled: false,
      },
    ]);
    assert.deepEqual(await stores.query("select id from {schema}.gadget"), []);
  });

  it("are left alone by another opening, which so waits for none of their readers", async () => {
    const found = await stores.query("select c.oid, c.xmin::text from pg_class c where c.relname = 'widget'");
    await (await stores.open()).close();
    assert.deepEqual(
      await stores.query("select c.oid, c.xmin::text from pg_class c where c.relname = 'widget'"),
      found,
    );
  });

  it("have a name of their own also where the type's is longer than a name may be", async () => {
    const long = "a-resource-type-whose-name-says-so-much-that-it-is-longer-than-names-may-be";
    const policies = new Map(
      [`${long}-here`, `${long}-there`].map((type) => [type, { ...policyOf(POLICIES, "widget"), type }]),
    );
    const store = postgresStore({ url: server.url, schema: stores.schema });
    await store.open({ policies, at: 0, onFatal });
    await store.apply([create("a", { type: `${long}-there`, at: 0 })]);
    const named = await stores.query(
      `select viewname as name from pg_views where schemaname = '${stores.schema}' and viewname like 'a@_resource%' escape '@'`,
    );
    assert.equal(named.length, 2);
    const counts = await Promise.all(named.map(({ name }) => stores.query(`select from {schema}.${String(name)}`)));
    assert.deepEqual(
      counts.map(({ length }) => length).toSorted((a, b) => a - b),
      [0, 1],
    );
    await store.close();
  });

  it("answer the queries of the guide", async () => {
    const guide = await readFile(new URL("../../../../docs/postgres.md", import.meta.url), "utf8");
    const queries = [...guide.matchAll(/```sql\n(.*?)```/gs)].flatMap(([, block = ""]) => block.split(";"));
    const policies = new Map([["virtual-machine", { ...policyOf(POLICIES, "widget"), type: "virtual-machine" }]]);
    const store = postgresStore({ url: server.url });
    await store.open({ policies, at: 0, onFatal });
    await store.apply([create("a", { type: "virtual-machine", at: 0 })]);
    const results: number[] = [];
    for (const query of queries.filter((each) => each.trim() !== "")) results.push((await server.query(query)).length);
    assert.deepEqual(results, [0, 0, 1]);
    await store.close();
    await server.drop("afoot");
  });
});
