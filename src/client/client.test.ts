import assert from "node:assert/strict";
import { test } from "node:test";
import { instants, rejection } from "../../test/client/fixture.ts";
import { busy, FAULT, routes, settled, typedFixture } from "../../test/client/typed-fixture.ts";
import { createClient, GoneError, ProblemError, UnreachableError } from "./index.ts";

const ALL = "/api/virtual-machines";
const ONE = `${ALL}/67890`;
const accepted = busy("Provisioning", 1, { status: 202 });
const ready = settled("Ready", 2, { IPAddress: "192.168.1.10" });

test("names a collection by its path, in camel case, and is no promise", async () => {
  interface Any {
    readonly "~types"?: readonly [];
  }
  const api = createClient<Any>("https://example.com/base/api/?x=1#y");
  const urlOf = (name: string): unknown => Reflect.get(new Object(Reflect.get(api, name)), "url");
  assert.equal(urlOf("virtualMachines"), "https://example.com/base/api/virtual-machines");
  assert.equal(urlOf("people"), "https://example.com/base/api/people");
  assert.equal(urlOf("s3Buckets"), "https://example.com/base/api/s3-buckets");
  const given = async (): Promise<unknown> => api;
  assert.equal(await given(), api);
  const others = ["then", "$typeof", "VirtualMachines", "virtual-machines"];
  for (const name of others) assert.equal(Reflect.get(api, name), undefined, name);
  assert.throws(() => createClient<Any>("/api"), TypeError);
});

test("creates, follows, and knows the state at every moment", async () => {
  const script = routes({ [`POST ${ALL}`]: accepted, [`GET ${ONE}`]: [busy("Booting", 2), ready] });
  await typedFixture(script, async ({ server, api }) => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    assert.deepEqual({ id: vm.id, url: vm.url }, { id: "67890", url: server.origin + ONE });
    assert.deepEqual(vm.state, {
      id: "67890",
      configuration: { os: "Linux" },
      status: "Provisioning",
      settled: false,
      succeeded: false,
    });
    const seen: unknown[] = [];
    for await (const { status, settled: over } of vm) seen.push([status, over, vm.state.status]);
    assert.deepEqual(seen, [
      ["Provisioning", false, "Provisioning"],
      ["Booting", false, "Booting"],
      ["Ready", true, "Ready"],
    ]);
    assert.equal(await vm.settled(), vm.state);
    const { status, succeeded, IPAddress } = { IPAddress: undefined, ...vm.state };
    assert.deepEqual({ status, succeeded, IPAddress }, { status: "Ready", succeeded: true, IPAddress: "192.168.1.10" });
    assert.deepEqual(server.requests[0]?.body, { configuration: { os: "Linux" } });
    // The poll right after the creation is a long poll.
    assert.deepEqual(instants(server), [0, 0, 5000]);
    assert.equal(server.requests[1]?.headers["prefer"], "wait=30");
    assert.equal(server.requests[1]?.headers["if-none-match"], '"c.1-b"');
  });
});

test("settled() sends one long poll to an Afoot server, which replies at the end", async () => {
  const script = routes({ [`POST ${ALL}`]: accepted, [`GET ${ONE}`]: { ...ready, afterMs: 20_000 } });
  await typedFixture(script, async ({ server, api }) => {
    await (await api.virtualMachines.create({})).settled();
    const [, poll, ...more] = server.requests;
    assert.deepEqual(
      { prefer: poll?.headers["prefer"], ifNoneMatch: poll?.headers["if-none-match"], count: more.length },
      { prefer: "wait=30", ifNoneMatch: undefined, count: 0 },
    );
  });
});

test("a create whose reply is lost is sent again with the same Idempotency-Key", async () => {
  const script = routes({
    [`POST ${ALL}`]: [{ fault: "reset" }, { status: 503 }, { ...accepted, fault: "midway" }, accepted],
  });
  await typedFixture(script, async ({ server, api }) => {
    await api.virtualMachines.create({});
    const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
    assert.equal(keys.length, 4);
    assert.match(String(keys[0]), /^"\d{1,20}-\d{1,20}"$/);
    assert.equal(new Set(keys).size, 1);
    await api.virtualMachines.create({});
    assert.notEqual(server.requests.at(-1)?.headers["idempotency-key"], keys[0]);
    await api.virtualMachines.create({}, { idempotencyKey: "order-7" });
    assert.equal(server.requests.at(-1)?.headers["idempotency-key"], '"order-7"');
  });
});

test("a rejected create is an error that lists every field, and is not retried", async () => {
  const errors = [
    { pointer: "/configuration/os", detail: "expected text" },
    { pointer: "/configuration/ram", detail: "expected text" },
  ];
  const script = routes({
    [`POST ${ALL}`]: { status: 422, body: { code: "validation", title: "Validation failed", errors } },
  });
  await typedFixture(script, async ({ server, api }) => {
    const error = await rejection(api.virtualMachines.create({}));
    assert.ok(error instanceof ProblemError);
    assert.equal(error.code, "validation");
    assert.deepEqual(error.problem.errors, errors);
    assert.equal(server.requests.length, 1);
  });
});

test("a write is retried for a minute, or for timeoutMs", async () => {
  const script = routes({ [`POST ${ALL}`]: { fault: "reset" } });
  await typedFixture(script, async ({ clock, api }) => {
    assert.ok((await rejection(api.virtualMachines.create({}))) instanceof UnreachableError);
    assert.ok(clock.monotonic() > 30_000 && clock.monotonic() < 60_000);
    const before = clock.monotonic();
    assert.ok((await rejection(api.virtualMachines.create({}, { timeoutMs: 2000 }))) instanceof UnreachableError);
    assert.ok(clock.monotonic() - before < 2000);
  });
  const limited = routes({
    [`POST ${ALL}`]: { status: 429, headers: { "retry-after": "90" }, body: { code: "too-many-in-progress" } },
  });
  await typedFixture(limited, async ({ clock, api }) => {
    const error = await rejection(api.virtualMachines.create({}));
    assert.ok(error instanceof ProblemError);
    assert.deepEqual(
      { code: error.code, retryAfterMs: error.retryAfterMs },
      { code: "too-many-in-progress", retryAfterMs: 90_000 },
    );
    // A retry that would come after the time limit is not waited for.
    assert.equal(clock.monotonic(), 0);
  });
});

test("a reply replayed for its Idempotency-Key is not taken for the current state", async () => {
  const old = { ...settled("Provisioning", 1), status: 202 };
  const script = routes({ [`POST ${ALL}`]: old, [`GET ${ONE}`]: ready });
  await typedFixture(script, async ({ api }) => {
    const vm = await api.virtualMachines.create({}, { idempotencyKey: "order-7" });
    assert.equal((await vm.settled()).status, "Ready");
  });
});

test("puts under an id of the caller, and never outside the collection", async () => {
  const own = settled("Ready", 1, { id: "a/b c" });
  await typedFixture(routes({ [`PUT ${ALL}/a%2Fb%20c`]: own }), async ({ server, api }) => {
    const vm = await api.virtualMachines.put("a/b c", { os: "Linux" }, { ifAbsent: true });
    assert.equal(vm.url, `${server.origin}${ALL}/a%2Fb%20c`);
    assert.equal(server.requests[0]?.headers["if-none-match"], "*");
    await api.virtualMachines.put("a/b c", { os: "Linux" });
    assert.equal(server.requests[1]?.headers["if-none-match"], undefined);
    for (const id of ["", ".", ".."]) {
      await assert.rejects(api.virtualMachines.get(id), { code: "invalid-id" });
      await assert.rejects(api.virtualMachines.put(id, {}), { code: "invalid-id" });
    }
    assert.equal(server.requests.length, 2);
  });
});

test("attaches by the URL alone, and sends credentials nowhere else", async () => {
  const script = routes({ [`GET ${ONE}`]: [busy("Provisioning", 1), ready] });
  const options = { headers: { authorization: "Bearer secret" } };
  const run: Parameters<typeof typedFixture>[1] = async ({ server, api }) => {
    const vm = await api.virtualMachines.attach(server.origin + ONE);
    assert.equal(vm.state.status, "Provisioning");
    assert.equal((await vm.settled()).status, "Ready");
    assert.equal((await api.virtualMachines.attach(ONE)).id, "67890");
    assert.equal((await api.virtualMachines.get("67890")).id, "67890");
    assert.equal(server.requests.at(-1)?.headers["authorization"], "Bearer secret");
    const count = server.requests.length;
    const foreign = [
      `https://evil.example${ONE}`,
      `${server.origin}/api/orders/1`,
      ALL,
      `${ALL}/`,
      `${ONE}/history`,
      `${ONE}?x=1`,
      `${ALL}-2/1`,
    ];
    for (const url of foreign) await assert.rejects(api.virtualMachines.attach(url), { code: "foreign-url" }, url);
    assert.equal(server.requests.length, count);
  };
  await typedFixture(script, run, options);
  await typedFixture(routes({}), async ({ api }) => {
    assert.ok((await rejection(api.virtualMachines.get("1"))) instanceof GoneError);
  });
});

test("lists page by page, as the iteration needs them", async () => {
  const page = (first: number, next?: string): object => ({
    items: [{ id: `${first}` }, { id: `${first + 1}` }],
    ...(next === undefined ? {} : { next }),
  });
  const query = "?status=Ready,In%2C%20out&limit=2";
  const script = routes({
    [`GET ${ALL}${query}`]: { body: page(1, "c+/=") },
    [`GET ${ALL}${query}&after=c%2B%2F%3D`]: [{ fault: "reset" }, { body: page(3, "last") }],
    [`GET ${ALL}${query}&after=last`]: { body: { items: [] } },
    [`GET ${ALL}?id=a,b&updatedAfter=2026-01-31T12%3A00%3A00%2B01%3A00&metadata.team%26co=x%2Cy`]: {
      body: { items: [] },
    },
    [`GET ${ALL}`]: { body: page(1, "never") },
  });
  await typedFixture(script, async ({ server, api }) => {
    const ids: string[] = [];
    for await (const { id } of api.virtualMachines.list({ status: ["Ready", "In, out"], pageSize: 2 })) ids.push(id);
    assert.deepEqual(ids, ["1", "2", "3", "4"]);
    const filters = { id: ["a", "b"], metadata: { "team&co": "x,y" }, updatedAfter: "2026-01-31T12:00:00+01:00" };
    assert.equal((await api.virtualMachines.list(filters).next()).done, true);
    for await (const { id } of api.virtualMachines.list()) if (id === "2") break;
    assert.equal(server.requests.at(-1)?.path, ALL);
  });
});

test("a reply without a resource is an error that names the problem", async () => {
  const hello = { body: { hello: "world" } };
  const script = routes({
    [`POST ${ALL}`]: hello,
    [`GET ${ONE}`]: [{ body: [1] }, settled("Failed", 1, { error: FAULT })],
  });
  await typedFixture(script, async ({ api }) => {
    await assert.rejects(api.virtualMachines.create({}), { name: "ProblemError", code: "not-a-resource" });
    await assert.rejects(api.virtualMachines.get("67890"), { code: "not-a-resource" });
    const { state } = await api.virtualMachines.get("67890");
    assert.deepEqual(
      { settled: state.settled, succeeded: state.succeeded, code: state.error?.code },
      { settled: true, succeeded: false, code: "no-capacity" },
    );
  });
});
