import assert from "node:assert/strict";
import type { OverviewView } from "../../src/server/dashboard/shapes.ts";
import { mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const MAX = 100;

const distinct = (count: number): string => Array.from({ length: count }, (_, index) => `v${index}`).join(",");
const repeated = (value: string, count = MAX): string => Array.from({ length: count }, () => value).join(",");

const PARAMETERS = [
  [MACHINES, "status"],
  [MACHINES, "fields"],
  ["/api/dashboard/resources", "type"],
  ["/api/dashboard/resources", "status"],
  ["/api/dashboard/overview", "type"],
  ["/api/dashboard/watch", "type"],
  ["/api/dashboard/watch", "resources"],
] as const;

mountedTest("a list parameter has at most 100 values, also with encoded commas", async ({ request }) => {
  const headers = { accept: "text/event-stream, application/json" };
  for (const [path, name] of PARAMETERS) {
    for (const values of [distinct(MAX + 1), repeated("a", MAX + 1), repeated("a", 3500)]) {
      for (const sent of [values, values.replaceAll(",", "%2C")]) {
        const { detail } = problem(await request("GET", `${path}?${name}=${sent}`, { headers }), 400, "invalid-query");
        assert.match(detail, new RegExp(`^${name}: too many values; send at most ${MAX}\\.$`));
      }
    }
  }
});

mountedTest("repeated values count once", async ({ request, create }) => {
  await create(LINUX);
  const once = await request("GET", "/api/dashboard/overview?type=virtual-machines");
  const repeatedly = await request("GET", `/api/dashboard/overview?type=${repeated("virtual-machines")}`);
  assert.deepEqual((repeatedly.json as unknown as OverviewView).counts, (once.json as unknown as OverviewView).counts);
  assert.equal((once.json as unknown as OverviewView).counts.length, 1);

  for (const query of [`status=${repeated("Provisioning")}`, `fields=${repeated("id")}`]) {
    const { status, json } = await request("GET", `${MACHINES}?${query}`);
    assert.deepEqual({ status, items: json.items?.length }, { status: 200, items: 1 });
  }
});

const HEADERS = [
  ["if-none-match", "If-None-Match", '"a"'],
  ["accept", "Accept", "application/json;q=0.5"],
  ["prefer", "Prefer", "wait=0"],
] as const;

mountedTest("a list header of a read has at most 100 values", async ({ request, create }) => {
  const path = await create(LINUX);
  for (const [header, name, value] of HEADERS) {
    assert.equal((await request("GET", path, { headers: { [header]: repeated(value) } })).status, 200, header);
    await rejectsMore({ request }, { method: "GET", path, header, name, value });
  }
});

mountedTest("a list header of a write has at most 100 values", async ({ request, create, store }) => {
  const path = await create(LINUX);
  for (const [header, name, value] of [...HEADERS, ["if-match", "If-Match", '"a"'] as const]) {
    await rejectsMore({ request }, { method: "POST", path: `${path}/cancel`, header, name, value });
  }
  const [row] = await store.read([{ type: "virtual-machine", id: path.split("/").at(-1) ?? "" }]);
  assert.equal(row?.operation.state, "pending");
});

interface ListHeader {
  readonly method: string;
  readonly path: string;
  readonly header: string;
  readonly name: string;
  readonly value: string;
}

async function rejectsMore({ request }: Pick<Fixture, "request">, { method, path, header, name, value }: ListHeader) {
  const response = await request(method, path, { headers: { [header]: repeated(value, MAX + 1) } });
  const { detail } = problem(response, 400, "invalid-header");
  assert.equal(detail, `${name} has too many values; send at most ${MAX}.`);
}

mountedTest("a text to search for has at most 200 characters", async ({ request }) => {
  const path = "/api/dashboard/resources?text=";
  assert.equal((await request("GET", path + "a".repeat(200))).status, 200);
  const { detail } = problem(await request("GET", path + "a".repeat(201)), 400, "invalid-query");
  assert.equal(detail, "text: the text is too long; send at most 200 characters.");
});
