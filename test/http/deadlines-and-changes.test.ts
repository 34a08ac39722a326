import assert from "node:assert/strict";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mountedTest, type Fixture, problem } from "./harness/mounted-test.ts";

const work = (): never => {
  throw new Error("no worker runs here");
};

const cluster = defineResource({
  name: "cluster",
  configuration: z.object({ nodes: z.number(), deadline: z.string().optional() }),
  details: z.object({ deadline: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work, deadlineMs: 3_600_000 },
  update: { status: "Scaling", work, deadlineMs: 600_000 },
  actions: {
    drain: { status: "Draining", work, deadlineMs: 600_000 },
    grow: { status: "Growing", work, deadlineMs: 600_000, input: z.strictObject({ by: z.number() }) },
    plan: { status: "Planning", work, deadlineMs: 600_000, input: z.object({ deadline: z.string() }) },
    label: { status: "Labelling", work, deadlineMs: 600_000, input: z.record(z.string(), z.string()) },
  },
  metadata: true,
  updatedAfter: true,
});

const TYPES = { types: [cluster] };
const CLUSTERS = "/api/clusters";
const HOUR = 3_600_000;

const idOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const create = async (request: Fixture["request"], body: object = {}): Promise<string> => {
  const { status, headers, text } = await request("POST", CLUSTERS, { body: { configuration: { nodes: 1 }, ...body } });
  assert.equal(status, 202, text);
  return headers.get("location") ?? assert.fail();
};

mountedTest(
  "a client chooses an earlier deadline, by duration or instant",
  async ({ request, drive, clock }) => {
    const remaining = async (path: string): Promise<number> =>
      (await drive.row(path)).operation.deadlineAt - clock.now();
    const at = (ms: number): string => new Date(clock.now() + ms).toISOString();
    assert.equal(await remaining(await create(request)), HOUR);
    for (const [deadline, ms] of [
      ["PT10M", 600_000],
      ["PT1H", HOUR],
      ["PT0.5S", 500],
      [at(60_000), 60_000],
      [at(60_000).replace("Z", "+00:00"), 60_000],
    ] as const) {
      assert.equal(await remaining(await create(request, { deadline })), ms, deadline);
    }
    // The configuration may have a field of the same name.
    const named = await request("POST", CLUSTERS, {
      body: { configuration: { nodes: 1, deadline: "soon" }, deadline: "PT1M" },
    });
    assert.deepEqual(named.json.configuration, { nodes: 1, deadline: "soon" });

    const path = `${CLUSTERS}/mine`;
    await request("PUT", path, { body: { configuration: { nodes: 1 }, deadline: "PT20M" } });
    assert.equal(await remaining(path), 1_200_000);
    await drive.succeed(path, { deadline: "none" });
    const patched = await request("PATCH", path, { body: { configuration: { nodes: 2 }, deadline: "PT5M" } });
    assert.equal(patched.status, 202, patched.text);
    assert.equal(await remaining(path), 300_000);
    clock.advance(300_001);
    await drive.event(path, { event: "overdue" });
    assert.equal((await request("GET", path)).json.error.code, "deadline-exceeded");
  },
  TYPES,
);

mountedTest(
  "a client chooses the deadline of an action beside the fields of its input, which come first",
  async ({ request, drive, clock }) => {
    const path = await create(request);
    await drive.succeed(path, { deadline: "none" });
    const act = async (action: string, body?: object) => {
      const response = await request("POST", `${path}/${action}`, body === undefined ? {} : { body });
      assert.equal(response.status, 202, response.text);
      const { operation } = await drive.row(path);
      await drive.succeed(path, { deadline: "none" });
      const input: unknown = JSON.parse(operation.input ?? "null");
      return { ms: operation.deadlineAt - operation.acceptedAt, input };
    };
    const [limit, at] = [600_000, new Date(clock.now() + 60_000).toISOString()];
    assert.deepEqual(await act("drain"), { ms: limit, input: null });
    assert.deepEqual(await act("drain", {}), { ms: limit, input: null });
    assert.deepEqual(await act("drain", { deadline: at }), { ms: 60_000, input: null });
    assert.deepEqual(await act("grow", { by: 2, deadline: "PT5M" }), { ms: 300_000, input: { by: 2 } });
    assert.deepEqual(await act("plan", { deadline: "PT5M" }), { ms: limit, input: { deadline: "PT5M" } });
    assert.deepEqual(await act("label", { deadline: "PT5M" }), { ms: limit, input: { deadline: "PT5M" } });

    const issuesOf = async (action: string, body: object): Promise<unknown> => {
      const response = await request("POST", `${path}/${action}`, { body });
      problem(response, 422, "validation");
      return (response.json["errors"] as { pointer: string; detail: string }[]).map(({ pointer }) => pointer);
    };
    assert.deepEqual(await issuesOf("drain", { deadline: "PT11M" }), ["/deadline"]);
    assert.deepEqual(await issuesOf("drain", { deadline: 5, by: 1 }), ["/deadline", "/by"]);
    assert.deepEqual(await issuesOf("grow", { deadline: "soon", by: "two" }), ["/deadline", "/by"]);
    assert.deepEqual(await issuesOf("grow", { by: 1, metadata: {} }), [""]);
  },
  TYPES,
);

mountedTest(
  "a deadline that is no duration, has passed, or is later than that of the type is rejected",
  async ({ request, drive, clock }) => {
    const detailOf = async (deadline: unknown, path = CLUSTERS, method = "POST"): Promise<string> => {
      const response = await request(method, path, { body: { configuration: { nodes: 3 }, deadline } });
      problem(response, 422, "validation");
      const [{ pointer, detail } = assert.fail()] = response.json["errors"] as { pointer: string; detail: string }[];
      assert.equal(pointer, "/deadline");
      return detail;
    };
    for (const invalid of ["10 minutes", "P", "PT", "P1Y", "P1M", "PT5", 600, "2026-02-30T00:00:00Z", "2026-01-01"]) {
      assert.match(await detailOf(invalid), /must be a duration such as "PT10M", or an instant/, String(invalid));
    }
    assert.match(await detailOf(new Date(clock.now() - 1).toISOString()), /has passed/);
    assert.match(await detailOf("PT0S"), /has passed/);
    assert.match(await detailOf("PT61M"), /later than this operation may take; send "PT1H" at most/);
    assert.match(await detailOf("P1W"), /at most/);
    const path = await create(request);
    await drive.succeed(path, { deadline: "none" });
    assert.match(await detailOf("PT1H", path, "PATCH"), /send "PT10M" at most/);
    assert.match(await detailOf("PT1H", path, "PUT"), /send "PT10M" at most/);
  },
  TYPES,
);

mountedTest(
  "a client that follows updatedAfter misses no change, and gets the value for its next poll",
  async ({ request, drive, clock }) => {
    const since = new Date(clock.now() - 1).toISOString();
    const paths: string[] = [];
    for (let index = 0; index < 5; index++) {
      paths.push(await create(request, { metadata: { parity: String(index % 2) } }));
      clock.advance(1000);
    }
    const poll = async (updatedAfter: string, more = ""): Promise<{ ids: string[]; next: string }> => {
      const ids: string[] = [];
      let url: string | undefined = `${CLUSTERS}?updatedAfter=${encodeURIComponent(updatedAfter)}${more}`;
      for (;;) {
        const page: Awaited<ReturnType<typeof request>> = await request("GET", url);
        assert.equal(page.status, 200, page.text);
        ids.push(...page.json.items.map(({ id }) => id));
        url = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
        const next = page.json["updatedAfter"];
        assert.equal(typeof next, url === undefined ? "string" : "undefined");
        if (url === undefined) return { ids, next: String(next) };
        // The time between two pages must not move the next poll past a change.
        clock.advance(1000);
      }
    };
    const all = paths.map(idOf);
    const startedAt = clock.now();
    const first = await poll(since, "&limit=2");
    assert.deepEqual(first.ids, all, "the oldest change first");
    assert.equal(
      Date.parse(first.next),
      startedAt - 60_000 < Date.parse(since) ? Date.parse(since) : startedAt - 60_000,
    );
    clock.advance(120_000);
    const quiet = await poll(first.next);
    assert.equal(Date.parse(quiet.next), clock.now() - 60_000);
    assert.deepEqual((await poll(quiet.next)).ids, []);
    clock.advance(1000);
    await drive.progress(paths[1] ?? "", 0.5);
    clock.advance(1000);
    await request("PATCH", paths[0] ?? "", { body: { metadata: { new: "pair" } } });
    const changed = await poll(quiet.next);
    assert.deepEqual(changed.ids, [idOf(paths[1] ?? ""), idOf(paths[0] ?? "")]);
    assert.deepEqual((await poll(quiet.next, "&metadata.new=pair&status=Creating")).ids, [idOf(paths[0] ?? "")]);
    assert.deepEqual((await poll(quiet.next, `&metadata.new=pair&status=Ready`)).ids, []);
    await request("DELETE", paths[1] ?? "");
    await drive.reportEvent(paths[1] ?? "", { event: "cancelled" });
    assert.deepEqual((await poll(quiet.next)).ids, [idOf(paths[0] ?? "")], "what is deleted is left out");
    const ids = await request("GET", `${CLUSTERS}?id=${all.join(",")}&updatedAfter=${quiet.next}`);
    assert.deepEqual(
      ids.json.items.map(({ id }) => id),
      [idOf(paths[0] ?? "")],
    );
    for (const invalid of ["yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "1767225600"]) {
      problem(await request("GET", `${CLUSTERS}?updatedAfter=${invalid}`), 400, "invalid-query");
    }
    assert.equal((await request("GET", `${CLUSTERS}?updatedAfter=2026-01-01T00:00:00+02:00`)).status, 200);
  },
  TYPES,
);
