import assert from "node:assert/strict";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mountedTest, type Fixture, problem } from "./harness/mounted-test.ts";

const work = (): never => {
  throw new Error("no worker runs here");
};

const imported = defineResource({
  name: "import",
  path: "import",
  configuration: z.object({ region: z.string().optional(), size: z.number().default(1) }),
  details: z.object({ rows: z.int().optional() }),
  statuses: { ready: "Imported" },
  create: { status: "Importing", work },
  update: { status: "Updating", work },
  delete: { status: "Removing", work },
  actions: { check: { status: "Checking", work } },
  representation: { queuePosition: true, time: "seconds" },
  concurrency: {
    per: ({ owner, configuration: { region } }) => {
      if (region === undefined) throw new TypeError("region is undefined");
      return `${owner}/${region}`;
    },
    limit: 2,
  },
});

const WAIT = { prefer: "wait=20" };

async function create({ request }: Fixture, region = "north"): Promise<string> {
  const { status, headers } = await request("POST", "/api/import", { body: { configuration: { region } } });
  assert.equal(status, 202);
  return headers.get("location") ?? "";
}

mountedTest(
  "the turn of an operation is computed from its target configuration",
  async (fixture) => {
    const { request, drive } = fixture;
    const path = await create(fixture);
    const turn = async (): Promise<string | null> => (await drive.row(path)).operation.turn;
    assert.equal(await turn(), "/north");
    await drive.succeed(path, {});
    assert.equal((await request("PATCH", path, { body: { configuration: { region: "south" } } })).status, 202);
    assert.equal(await turn(), "/south");
    await drive.fail(path);
    assert.equal((await request("POST", `${path}/check`, { body: {} })).status, 202);
    assert.equal(await turn(), "/north", "the configuration of the last success");
    await drive.succeed(path, {});
    assert.equal((await request("PATCH", path, { body: { configuration: { region: "west" } } })).status, 202);
    await drive.fail(path);
    assert.equal((await request("POST", `${path}/retry`, { body: {} })).status, 202);
    assert.equal(await turn(), "/west", "the configuration that is tried again");
    await drive.succeed(path, {});
    assert.equal((await request("DELETE", path)).status, 202);
    assert.equal(await turn(), "/west");
  },
  { types: [imported] },
);

mountedTest(
  "a configuration without a turn is refused, and a delete never is",
  async (fixture) => {
    const { request, drive, store, clock } = fixture;
    const refused = await request("POST", "/api/import", { body: { configuration: {} } });
    const { errors } = problem(refused, 422, "validation") as {
      errors?: readonly { pointer: string; detail: string }[];
    };
    assert.equal(errors?.[0]?.pointer, "/configuration");
    assert.match(errors?.[0]?.detail ?? "", /concurrency\.per/);
    assert.doesNotMatch(refused.text, /undefined/, "nothing of the error is shown");
    const long = await request("POST", "/api/import", { body: { configuration: { region: "x".repeat(300) } } });
    problem(long, 422, "validation");

    const path = await create(fixture);
    await drive.succeed(path, {});
    problem(await request("PATCH", path, { body: { configuration: { region: null } } }), 422, "validation");
    // As an earlier version of the app may have stored it, whose function accepted it.
    const { creation, edit } = await drive.row(path);
    await store.apply([
      {
        ...{ change: "accept", key: { type: "import", id: path.split("/").at(-1) ?? "" }, at: clock.now(), random: 0 },
        expect: { creation, edit },
        operation: { id: "older", kind: "update", configuration: '{"size":1}', turn: "older" },
      },
    ]);
    await drive.succeed(path, {});
    assert.equal((await request("DELETE", path)).status, 202);
    assert.equal((await drive.row(path)).operation.turn, "older");
  },
  { types: [imported] },
);

mountedTest(
  "a waiting operation shows its position, and the time remaining counts the queue",
  async (fixture) => {
    const { request, drive, clock } = fixture;
    const paths: string[] = [];
    for (let index = 0; index < 5; index++) {
      paths.push(await create(fixture));
      clock.advance(1);
    }
    const [first = "", second = "", third = "", , last = ""] = paths;
    const other = await create(fixture, "south");
    const position = async (path: string): Promise<unknown> => (await request("GET", path)).json["queuePosition"];
    assert.deepEqual(await Promise.all([first, third, last, other].map(position)), [1, 3, 5, 1]);
    await drive.progress(first, 0.5);
    await drive.progress(second, 0.5);
    assert.equal(await position(first), undefined, "claimed");
    clock.advance(1000);
    assert.deepEqual(await Promise.all([third, last].map(position)), [1, 3]);
    const { json: list } = await request("GET", "/api/import");
    assert.deepEqual(
      list.items.map((item) => item["queuePosition"]),
      [1, 3, 2, 1, undefined, undefined],
    );
    assert.deepEqual((await request("GET", `${last}?fields=queuePosition`)).text, '{"queuePosition":3}');

    // An estimate of its own, from before it was handed back: 40 s, and as much for each before it, two at a time.
    await drive.progress(third, 0.5, { estimatedEndAt: clock.now() + 40_000 });
    await drive.reportEvent(third, { event: "handed-back" });
    clock.advance(1000);
    const { json } = await request("GET", third);
    assert.deepEqual([json["queuePosition"], json.estimatedTimeRemaining], [1, 60]);
  },
  { types: [imported] },
);

mountedTest(
  "a moved position has another entity tag, and is news only at the end of a wait",
  async (fixture) => {
    const { request, drive, clock } = fixture;
    const first = await create(fixture);
    clock.advance(1);
    const waits = await create(fixture);
    const before = await request("GET", waits);
    const etag = before.headers.get("etag") ?? "";
    assert.equal((await request("GET", waits, { headers: { "if-none-match": etag } })).status, 304);
    const waiting = request("GET", waits, { headers: { ...WAIT, "if-none-match": etag } });
    await clock.armed(20_000);
    await drive.claim(first);
    clock.advance(1000);
    const moved = await request("GET", waits);
    assert.deepEqual([before.json["queuePosition"], moved.json["queuePosition"]], [2, 1]);
    assert.notEqual(moved.headers.get("etag"), etag);
    assert.equal((await request("GET", waits, { headers: { "if-none-match": etag } })).status, 200);
    assert.equal(clock.count(20_000), 1, "still held");
    clock.advance(19_000);
    const { status, json } = await waiting;
    assert.deepEqual([status, json["queuePosition"]], [200, 1]);

    const again = request("GET", waits, { headers: { ...WAIT, "if-none-match": moved.headers.get("etag") ?? "" } });
    await clock.armed(20_000);
    clock.advance(20_000);
    assert.equal((await again).status, 304, "neither the position nor anything else has changed");
    // A position is no edit.
    const patch = { headers: { "if-match": etag }, body: { configuration: { size: 2 } } };
    problem(await request("PATCH", waits, patch), 409, "operation-in-progress");
  },
  { types: [imported] },
);
