import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type App, createApp, defineResource, isAfootError } from "afoot";
import { createClient, GoneError, ProblemError } from "afoot/client";
import type { Principal } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { temporaryFolder } from "../support/afoot-process.ts";

const report = defineResource({
  name: "report",
  configuration: z.object({ title: z.string() }),
  details: z.object({ pages: z.number() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Writing",
    async work({ receive }) {
      await receive("approval");
      return { pages: 7 };
    },
  },
  update: { status: "Rewriting", work: async ({ details }) => details },
  receives: { approval: z.object({ by: z.string() }) },
});

const PRINCIPALS: Readonly<Record<string, Principal>> = {
  ann: { id: "ann", owner: "team-1" },
  bob: { id: "bob", owner: "team-2" },
  olga: { id: "olga", operator: true },
};

type ReportApp = App<readonly [typeof report]>;

interface Fixture extends AsyncDisposable {
  readonly app: ReportApp;
  /** A client over HTTP's handler, authenticated by name. */
  readonly http: (name: string) => ReturnType<ReportApp["as"]>;
}

async function fixture(options: Partial<Parameters<typeof createApp>[0]> = {}): Promise<Fixture> {
  const folder = await temporaryFolder();
  const app: ReportApp = createApp({
    authenticate: ({ header }) => PRINCIPALS[header("authorization") ?? ""] ?? null,
    ...options,
    resources: [report],
  });
  await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
  return {
    app,
    http: (name) =>
      createClient<ReportApp>("http://localhost/api", { fetch: app.fetch, headers: { authorization: name } }),
    async [Symbol.asyncDispose]() {
      await app.close({ graceMs: 0 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function titles(list: AsyncIterable<{ readonly configuration: { readonly title: string } }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { configuration } of list) found.push(configuration.title);
  return found.toSorted();
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("resolved"),
    (error: unknown) => error,
  );
}

const hidden = (error: unknown): boolean => error instanceof GoneError && error.code === "resource-not-found";

describe("calls inside the process", () => {
  it("create for the owner in their options, and without one a resource that only operators see", async () => {
    await using running = await fixture();
    const { app, http } = running;
    const owned = await app.reports.create({ title: "Ours" }, { owner: "team-1" });
    const unowned = await app.reports.create({ title: "Without an owner" });

    assert.equal((await http("ann").reports.get(owned.id)).state.configuration.title, "Ours");
    for (const name of ["ann", "bob"]) assert.ok(hidden(await rejection(http(name).reports.get(unowned.id))));
    assert.ok(hidden(await rejection(http("bob").reports.get(owned.id))));
    assert.equal((await http("olga").reports.get(unowned.id)).id, unowned.id);

    await owned.send("approval", { by: "ann" });
    assert.equal((await owned.settled()).pages, 7);
  });

  it("list, read and write as the principal would over HTTP", async () => {
    await using running = await fixture();
    const { app, http } = running;
    const ann = app.as({ id: "ann", owner: "team-1" });
    const mine = await ann.reports.create({ title: "Ours" });
    await http("ann").reports.create({ title: "Ours, by HTTP" });
    const theirs = await app.reports.put("theirs", { title: "Theirs" }, { owner: "team-2" });
    await app.reports.create({ title: "Without an owner" });

    assert.deepEqual(await titles(ann.reports.list()), ["Ours", "Ours, by HTTP"]);
    assert.deepEqual(await titles(app.reports.list({ owner: "team-1" })), ["Ours", "Ours, by HTTP"]);
    assert.deepEqual(await titles(app.reports.list({ owner: "team-2" })), ["Theirs"]);
    assert.deepEqual(await titles(app.reports.list({ owner: "team-3" })), []);
    assert.equal((await titles(app.reports.list())).length, 4);

    for (const attempt of [
      () => ann.reports.get(theirs.id),
      () => ann.reports.attach(theirs.url),
      () => ann.reports.put(theirs.id, { title: "Taken" }),
      () => app.reports.get(theirs.id, { owner: "team-1" }),
      () => app.reports.attach(theirs.url, { owner: "team-1" }),
      () => app.reports.put(theirs.id, { title: "Taken" }, { owner: "team-1" }),
    ]) {
      assert.ok(hidden(await rejection(attempt())));
    }
    const other = await app.reports.get(mine.id, { owner: "team-1" });
    await other.cancel();
    assert.equal(((await rejection(other.settled())) as { code?: string }).code, "cancelled");
    assert.equal((await app.reports.get(theirs.id)).state.settled, false);
  });

  it("have the idempotency keys of their principal", async () => {
    await using running = await fixture();
    const { app, http } = running;
    const title = { title: "Once" };
    const key = { idempotencyKey: "once" };
    const ann = app.as({ id: "ann", owner: "team-1" });
    const first = await ann.reports.create(title, key);
    assert.equal((await ann.reports.create(title, key)).id, first.id);
    assert.equal((await http("ann").reports.create(title, key)).id, first.id, "shared with the principal's requests");
    const bob = await app.as({ id: "bob", owner: "team-2" }).reports.create(title, key);
    const team = await app.reports.create(title, { ...key, owner: "team-1" });
    const unowned = await app.reports.create(title, key);
    assert.equal(new Set([first.id, bob.id, team.id, unowned.id]).size, 4);
    assert.equal((await app.reports.create(title, { ...key, owner: "team-1" })).id, team.id);
    assert.deepEqual(await titles(app.reports.list({ owner: "team-1" })), ["Once", "Once"]);
  });

  it("count towards the owner's limit of resources in progress", async () => {
    await using running = await fixture({ maxInProgressPerPrincipal: 2 });
    const { app, http } = running;
    await app.reports.create({ title: "One" }, { owner: "team-1" });
    await app.as({ id: "ann", owner: "team-1" }).reports.create({ title: "Two" });
    const timeoutMs = 500;
    for (const attempt of [
      () => app.reports.create({ title: "Three" }, { owner: "team-1", timeoutMs }),
      () => app.as({ id: "amy", owner: "team-1" }).reports.create({ title: "Three" }, { timeoutMs }),
      () => http("ann").reports.create({ title: "Three" }, { timeoutMs }),
    ]) {
      const error = await rejection(attempt());
      assert.ok(error instanceof ProblemError && error.code === "too-many-in-progress", String(error));
    }
    await app.reports.create({ title: "Theirs" }, { owner: "team-2" });
    for (const title of ["a", "b", "c"]) await app.reports.create({ title });
  });

  it("are authorized as their principal", async () => {
    const seen: unknown[] = [];
    await using running = await fixture({
      authorize: ({ principal, method, type }) => {
        seen.push({ id: principal.id, method, type });
        return principal.id === "guest" ? false : undefined;
      },
    });
    const { app } = running;
    await app.reports.create({ title: "Unowned" });
    assert.deepEqual(seen, []);
    await app.reports.create({ title: "Ours" }, { owner: "team-1" });
    assert.deepEqual(seen, [{ id: "team-1", method: "POST", type: "report" }]);
    const error = await rejection(app.as({ id: "guest" }).reports.create({ title: "Mine" }));
    assert.ok(error instanceof ProblemError && error.code === "forbidden");
    const operator = app.as({ id: "olga", operator: true });
    assert.equal((await titles(operator.reports.list())).length, 2);
  });

  it("have owners without authentication, too", async () => {
    await using running = await fixture({ authenticate: undefined });
    const { app, http } = running;
    const owned = await app.reports.create({ title: "Ours" }, { owner: "team-1" });
    assert.ok(hidden(await rejection(app.reports.get(owned.id, { owner: "team-2" }))));
    assert.equal((await http("anyone").reports.get(owned.id)).id, owned.id);
  });

  it("reject an invalid principal or owner before anything is sent", async () => {
    await using running = await fixture();
    const { app } = running;
    const isInvalid = (error: unknown): boolean => isAfootError(error) && error.code === "invalid-principal";
    const invalid: unknown[] = [
      undefined,
      null,
      "ann",
      {},
      { id: "" },
      { id: 7 },
      { id: "a", owner: "" },
      { id: "\0" },
    ];
    for (const principal of invalid) assert.throws(() => app.as(principal as Principal), isInvalid);
    for (const owner of [null, "", 7, "x".repeat(1025), "\uD800"]) {
      const options = { owner: owner as string };
      assert.ok(isInvalid(await rejection(app.reports.create({ title: "None" }, options))));
      assert.throws(() => app.reports.list(options), isInvalid);
    }
    assert.deepEqual(await titles(app.reports.list()), []);
    const path = defineResource({ ...declarationOf("alias"), path: "as" });
    assert.throws(() => createApp({ resources: [path] }), /would hide app\.as/);
  });

  it("are typed as the collections are", async () => {
    await using running = await fixture();
    const { app } = running;
    // @ts-expect-error a field of another type
    await rejection(app.as({ id: "ann" }).reports.create({ title: 1 }));
    // @ts-expect-error a misspelt option
    await app.reports.create({ title: "Ours" }, { owners: "team-1" });
    // @ts-expect-error no owner in the options of a principal's call
    await app.as({ id: "ann" }).reports.create({ title: "Ours" }, { owner: "team-1" });
  });
});

function declarationOf<const Name extends string>(name: Name) {
  return {
    name,
    configuration: z.object({}),
    details: z.object({}),
    statuses: { ready: "Ready" },
    create: { status: "Creating", work: () => ({}) },
  } as const;
}
