import assert from "node:assert/strict";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import type { Authenticate, Authorize } from "../../src/server/access/access.ts";
import type { OverviewView, Summary, SummaryPage, TypesView } from "../../src/server/dashboard/shapes.ts";
import { mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";
import { LINUX, TYPES } from "./harness/types.ts";

const VIEWS = ["types", "resources", "overview", "watch"].map((name) => `/api/dashboard/${name}`);
const NOTES = "/api/notes";

/** `Bearer ann`, or `Bearer olga`, who is an operator. */
const authenticate: Authenticate = ({ headers }) => {
  const [, id] = /^Bearer ([a-z]+)$/.exec(headers.get("authorization") ?? "") ?? [];
  return id === undefined ? null : { id, operator: id === "olga" };
};

const as = (who: string) => ({ headers: { authorization: `Bearer ${who}` } });

async function seen({ request }: Fixture, query = "", who = "ann"): Promise<SummaryPage> {
  const { status, text, json } = await request("GET", `/api/dashboard/resources${query}`, as(who));
  assert.equal(status, 200, text);
  return json as unknown as SummaryPage;
}

const named = ({ items }: SummaryPage): string[] => items.map(({ path, id }) => `/api/${path}/${id}`);

async function made({ request }: Fixture, path: string, configuration: object, who = "ann"): Promise<string> {
  const { status, headers } = await request("POST", path, { ...as(who), body: { configuration } });
  assert.equal(status, 202);
  return headers.get("location") ?? "";
}

mountedTest("a list over all types shows the status of each resource", async (fixture) => {
  const { drive, clock } = fixture;
  const machine = await made(fixture, MACHINES, LINUX);
  clock.advance(1);
  const note = await made(fixture, NOTES, { text: "a" });
  await drive.progress(machine, 0.29, { estimatedEndAt: clock.now() + 60_000 });
  const page = await seen(fixture);
  assert.deepEqual(named(page), [note, machine]);
  const [, row] = page.items;
  assert.deepEqual(
    {
      status: row?.status,
      percent: row?.percent,
      remainingMs: row?.remainingMs,
      state: row?.operation.state,
      error: row?.error,
    },
    { status: "Provisioning", percent: 29, remainingMs: 60_000, state: "running", error: undefined },
  );
  await drive.fail(machine);
  const [failed] = (await seen(fixture, "?type=virtual-machines&status=Failed")).items;
  assert.deepEqual(
    { code: failed?.error?.code, percent: failed?.percent, remainingMs: failed?.remainingMs },
    { code: "work-failed", percent: undefined, remainingMs: undefined },
  );
});

mountedTest("pages over types stay stable, and a cursor belongs to its filter", async (fixture) => {
  const { request, clock } = fixture;
  const paths: string[] = [];
  for (let index = 0; index < 7; index++) {
    paths.unshift(await made(fixture, MACHINES, { ...LINUX, ram: `${index}00MB` }));
    if (index % 2 === 0) clock.advance(1);
  }
  const first = await seen(fixture, "?limit=3");
  const second = await seen(fixture, `?limit=3&after=${first.next}`);
  const third = await seen(fixture, `?limit=3&after=${second.next}`);
  assert.equal(third.next, undefined);
  assert.deepEqual([first, second, third].flatMap(named).toSorted(), paths.toSorted());
  for (const other of [`?status=Ready&after=${first.next}`, `?text=a&after=${first.next}`, "?after=nonsense"]) {
    problem(await request("GET", `/api/dashboard/resources${other}`), 400, "invalid-cursor");
  }
  problem(await request("GET", "/api/dashboard/resources?limit=101"), 400, "invalid-query");
  problem(await request("GET", "/api/dashboard/overview?range=century"), 400, "invalid-query");
  problem(await request("GET", "/api/dashboard/nothing"), 404, "not-found");
  problem(await request("POST", "/api/dashboard/types", { body: {} }), 405, "method-not-allowed");
  assert.deepEqual(named(await seen(fixture, "?type=unknown")), []);
  assert.deepEqual(named(await seen(fixture, "?text=600mb")), paths.slice(0, 1));
});

const vault = defineResource({
  name: "vault",
  configuration: z.object({ label: z.string(), password: z.string() }),
  redact: ["password"],
  details: z.object({ door: z.string() }),
  statuses: { ready: "Locked" },
  create: {
    status: "Forging",
    work: () => {
      throw new Error("no worker runs here");
    },
  },
});

mountedTest(
  "redacted fields are neither shown nor found",
  async (fixture) => {
    const path = await made(fixture, "/api/vaults", { label: "blue", password: "hunter2" });
    assert.deepEqual(named(await seen(fixture, "?text=BLUE")), [path]);
    assert.deepEqual(await seen(fixture, "?text=hunter"), { items: [] });
    assert.ok(!JSON.stringify(await seen(fixture)).includes("hunter2"));
  },
  { types: [vault] },
);

mountedTest(
  "each principal sees its own resources, and an operator sees all",
  async (fixture) => {
    const { request } = fixture;
    for (const view of VIEWS) problem(await request("GET", view), 401, "unauthenticated");
    const anns = await made(fixture, MACHINES, LINUX);
    const bobs = await made(fixture, NOTES, { text: "bob's" }, "bob");
    assert.deepEqual(named(await seen(fixture, "", "ann")), [anns]);
    assert.deepEqual(named(await seen(fixture, "", "bob")), [bobs]);
    assert.deepEqual(named(await seen(fixture, "?text=bob", "ann")), []);
    assert.deepEqual(named(await seen(fixture, "", "carl")), []);
    const all = await seen(fixture, "", "olga");
    assert.deepEqual(named(all).toSorted(), [anns, bobs].toSorted());
    assert.deepEqual(all.items.map(({ owner = "" }) => owner).toSorted(), ["ann", "bob"]);
    assert.ok((await seen(fixture, "", "ann")).items.every(({ owner }) => owner === undefined));

    const overview = async (who: string): Promise<OverviewView> =>
      (await request("GET", "/api/dashboard/overview", as(who))).json as unknown as OverviewView;
    const ofAnn = await overview("ann");
    assert.deepEqual(
      ofAnn.counts.map(({ path, count }) => [path, count]),
      [["virtual-machines", 1]],
    );
    assert.equal(ofAnn.points, undefined, "statistics are of everybody's");
    const ofAll = await overview("olga");
    assert.deepEqual(
      { countsCount: ofAll.counts.length, pointsCount: ofAll.points?.length },
      { countsCount: 2, pointsCount: 60 },
    );
  },
  { authenticate },
);

const authorize: Authorize = ({ principal, type }) => {
  if (principal.id === "mute" && type === "dashboard") return false;
  if (type === "note") return principal.id === "reader" ? true : undefined;
  return principal.id === "reader" && type === "order" ? false : undefined;
};

mountedTest(
  "authorize opens and closes single types, and the whole",
  async (fixture) => {
    const { request } = fixture;
    const note = await made(fixture, NOTES, { text: "a" });
    await made(fixture, MACHINES, LINUX);
    assert.deepEqual(named(await seen(fixture, "", "reader")), [note]);
    const { types } = (await request("GET", "/api/dashboard/types", as("reader"))).json as unknown as TypesView;
    assert.deepEqual(types.map(({ name }) => name).toSorted(), ["note", "scan", "virtual-machine"]);
    for (const view of VIEWS.slice(0, 3)) problem(await request("GET", view, as("mute")), 403, "forbidden");
  },
  { authenticate, authorize },
);

const STREAM = { accept: "text/event-stream" };

function eventsOf(text: string): (readonly [event: string, data: Partial<Summary>])[] {
  return [...text.matchAll(/event: ([\w-]+)\ndata: (.*)\n\n/g)].map(
    ([, event = "", data = "{}"]) => [event, JSON.parse(data) as Partial<Summary>] as const,
  );
}

mountedTest(
  "a stream reports changes of the visible resources, their disappearance, and that others changed",
  async (fixture) => {
    const { request, clock, drive } = fixture;
    const path = await made(fixture, MACHINES, LINUX);
    const bobs = await made(fixture, MACHINES, LINUX, "bob");
    const names = [path, bobs, `${MACHINES}/unknown`].map((each) => each.slice("/api/".length));
    const query = `?type=virtual-machines&resources=${names.join(",")}`;
    const headers = { ...as("ann").headers, ...STREAM };
    const streaming = request("GET", `/api/dashboard/watch${query}`, { headers });
    await clock.armed(2000);
    await drive.progress(path, 0.5);
    await clock.armed(200);
    clock.advance(200);
    await clock.armed(2000);
    // What others do shows neither by an event nor by its time.
    await drive.progress(bobs, 0.5);
    clock.advance(2000);
    await clock.armed(2000);
    await made(fixture, MACHINES, LINUX);
    clock.advance(8000);
    await clock.armed(2000);
    clock.advance(120_000);
    const { status, text } = await streaming;
    assert.equal(status, 200);
    assert.deepEqual(
      eventsOf(text).map(([event, { id, percent }]) => [event, id, percent]),
      [
        ["resource", names[0]?.split("/")[1], undefined],
        ["gone", names[1]?.split("/")[1], undefined],
        ["gone", "unknown", undefined],
        ["resource", names[0]?.split("/")[1], 50],
        ["others-changed", undefined, undefined],
      ],
    );
    for (const bad of ["?resources=nothing/a", "?resources=virtual-machines", "?resources=a/b/c"]) {
      problem(await request("GET", `/api/dashboard/watch${bad}`, { headers }), 400, "invalid-query");
    }
    problem(await request("GET", "/api/dashboard/watch", as("ann")), 406, "not-acceptable");
  },
  { authenticate },
);

mountedTest(
  "a stream shows that others changed to an operator at once, and to an owner nothing of other owners",
  async (fixture) => {
    const { request, clock, drive } = fixture;
    const bobs = await made(fixture, MACHINES, LINUX, "bob");
    const watch = (who: string, id: string) =>
      request("GET", `/api/dashboard/watch?resources=virtual-machines/${id}`, {
        headers: { ...as(who).headers, ...STREAM },
      });
    const streams = [watch("ann", bobs.split("/").at(-1) ?? ""), watch("ann", "unknown"), watch("olga", "unknown")];
    await clock.armed(2000, 3);
    await drive.progress(bobs, 0.5);
    await made(fixture, MACHINES, LINUX, "bob");
    clock.advance(2000);
    await clock.armed(2000, 3);
    clock.advance(120_000);
    const [known = "", unknown = "", operators = ""] = (await Promise.all(streams)).map(({ text }) => text);
    assert.equal(known.replace(/"id":"[^"]+"/, ""), unknown.replace(/"id":"[^"]+"/, ""));
    assert.doesNotMatch(known, /others-changed/);
    assert.match(operators, /event: others-changed/);
  },
  { authenticate },
);

mountedTest(
  "a stream ends when the server does",
  async ({ request, clock, handler }) => {
    const streaming = request("GET", "/api/dashboard/watch", { headers: STREAM });
    await clock.armed(2000);
    await handler.close();
    assert.equal((await streaming).status, 200);
  },
  { types: TYPES },
);

mountedTest(
  "is not served if the app disables it",
  async ({ request }) => {
    for (const view of VIEWS) problem(await request("GET", view), 404, "not-found");
  },
  { dashboard: false },
);
