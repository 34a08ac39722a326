import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { createApp, defineResource, PermanentError } from "afoot";
import { createClient } from "afoot/client";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { z } from "zod";
import { isJsonObject as isObject } from "../../src/core/json/json.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { withDeliveries } from "../../src/server/webhooks/delivery-type.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "./receiver.ts";

const secret = (): string => `whsec_${randomBytes(32).toString("base64")}`;
const [OLD, NEW, OWN] = [secret(), secret(), secret()];

const disk = defineResource({
  name: "disk",
  configuration: z.object({ size: z.int() }),
  details: z.object({ path: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work: () => ({ path: "/dev/vda" }) },
});

const machine = defineResource({
  name: "machine",
  configuration: z.object({ size: z.int(), login: z.object({ user: z.string(), password: z.string() }) }),
  redact: ["login.password"],
  details: z.object({ address: z.string() }),
  statuses: { ready: "Running" },
  create: {
    status: "Provisioning",
    async work({ configuration: { size }, child, settled }) {
      if (size === 0) throw new PermanentError("There is no machine without memory.", { code: "no-memory" });
      await settled(await child("root", "disks", { size }));
      return { address: "10.0.0.7" };
    },
  },
  delete: { status: "Deleting", work: () => {} },
  children: { disks: disk },
  actions: { restart: { status: "Restarting", work: () => ({ address: "10.0.0.8" }) } },
});

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let receiver: Receiver;
let app: ReturnType<typeof createMachines>;

function createMachines(url: string) {
  return createApp({
    resources: [machine, disk],
    publicUrl: "https://api.example.com/svc",
    authenticate: ({ header }) => {
      const id = header("x-user");
      return id === undefined ? null : { id, operator: id === "root" };
    },
    webhooks: {
      endpoints: [{ url: `${url}/app`, secrets: [OLD, NEW], types: ["machine"] }],
      perResource: { types: ["machine"], secrets: (owner) => (owner === "ann" ? [OWN] : [OLD]) },
      allow: ["127.0.0.0/8"],
    },
  });
}

before(async () => {
  folder = await temporaryFolder();
  receiver = await startReceiver(({ path }, response) => {
    if (path === "/gone") response.writeHead(410).end();
    else if (path === "/redirect") response.writeHead(307, { location: "/app" }).end();
    else response.writeHead(200).end("thanks");
  });
  app = createMachines(receiver.url);
  await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
});

after(async () => {
  await app.close();
  await receiver[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function request(user: string, method: string, path: string, body?: object): Promise<Response> {
  return app.fetch(
    new Request(`http://localhost/api/${path}`, {
      method,
      headers: { "x-user": user, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

/** Creates a machine by a client: over HTTP and in the process in turn. */
async function create(webhook?: string, size = 4): Promise<string> {
  const overHttp = createClient<typeof app>("http://localhost/api", { fetch: app.fetch, headers: { "x-user": "ann" } });
  const configuration = { size, login: { user: "ann", password: "hunter2-secret" } };
  const clients = [overHttp, app.as({ id: "ann" })];
  const { machines } = clients[creates++ % clients.length] ?? assert.fail();
  return (await machines.create(configuration, webhook === undefined ? {} : { webhook })).id;
}

let creates = 0;

const eventOf = (path: string, id: string) =>
  receiver.received((each) => each.path === path && dataOf(each)["id"] === id);

function dataOf({ text }: ReceivedRequest): Readonly<Record<string, unknown>> {
  const { data } = parseObject(text);
  assert.ok(isObject(data));
  return data;
}

const headersOf = ({ headers }: ReceivedRequest): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

test("an event has the representation that a GET shows, with absolute links and without secrets", async () => {
  const id = await create(`${receiver.url}/own`);
  const [event, own] = await Promise.all([eventOf("/app", id), eventOf("/own", id)]);
  const { type, timestamp, data, ...more } = parseObject(event.text);
  assert.equal(type, "machine.settled");
  assert.ok(Math.abs(Date.parse(String(timestamp)) - Date.now()) < 60_000);
  assert.deepEqual(more, {});
  const shown: unknown = await (await request("ann", "GET", `machines/${id}`)).json();
  assert.ok(isObject(shown));
  const { disks } = (shown["_links"] ?? {}) as { disks: { href: string } };
  const links = { disks: { href: `https://api.example.com${disks.href}` } };
  assert.deepEqual(data, { ...shown, _links: links });
  assert.equal(own.text, event.text);
  assert.ok(!event.text.includes("hunter2"));
  assert.equal(receiver.requests.filter((each) => each.text.includes("disk.settled")).length, 0);
});

test("standardwebhooks, svix and openai verify events, by each of two secrets", async () => {
  const id = await create(`${receiver.url}/own`);
  const event = await eventOf("/app", id);
  const headers = headersOf(event);
  assert.match(headers["webhook-signature"] ?? "", /^v1,\S+ v1,\S+$/);
  for (const each of [OLD, NEW]) {
    assert.deepEqual(new Webhook(each).verify(event.text, headers), JSON.parse(event.text));
    assert.deepEqual(new SvixWebhook(each).verify(event.text, headers), JSON.parse(event.text));
    const openai = new OpenAI({ apiKey: "none", webhookSecret: each });
    assert.deepEqual(await openai.webhooks.unwrap(event.text, headers), JSON.parse(event.text));
  }
  assert.throws(() => new Webhook(OWN).verify(event.text, headers));
  assert.throws(() => new Webhook(OLD).verify(`${event.text} `, headers));
  const own = await eventOf("/own", id);
  assert.deepEqual(new Webhook(OWN).verify(own.text, headersOf(own)), JSON.parse(own.text));
  assert.notEqual(own.headers["webhook-id"], event.headers["webhook-id"]);
});

test("failures, actions, cancels and deletes are events, too", async () => {
  const failed = await create(undefined, 0);
  const { error } = dataOf(await eventOf("/app", failed));
  assert.ok(isObject(error));
  assert.equal(error["code"], "no-memory");

  const id = await create();
  await eventOf("/app", id);
  assert.equal((await request("ann", "POST", `machines/${id}/restart`, {})).status, 202);
  await receiver.received((each) => dataOf(each)["id"] === id && dataOf(each)["address"] === "10.0.0.8");
  assert.equal((await request("ann", "DELETE", `machines/${id}`)).status, 202);
  const deleted = await receiver.received((each) => each.text.startsWith('{"type":"machine.deleted"'));
  assert.deepEqual(dataOf(deleted), { id });
});

test("only operators see deliveries, without URLs, and repeat them by hand", async () => {
  const id = await create(`${receiver.url}/gone`);
  const gone = await eventOf("/gone", id);
  const path = `webhook-deliveries/${String(gone.headers["webhook-id"])}`;
  const delivery = await eventually("the delivery to fail", async () => {
    const shown = parseObject(await (await request("root", "GET", path)).text());
    return shown["error"] === undefined ? undefined : shown;
  });
  const { configuration, error } = delivery;
  assert.deepEqual(configuration, {
    event: "machine.settled",
    host: "127.0.0.1",
    receiver: "resource",
    subject: { type: "machine", id },
    owner: "ann",
  });
  assert.ok(isObject(error));
  assert.equal(error["code"], "webhook-gone");
  assert.equal((await request("ann", "GET", path)).status, 404);
  const listed: unknown = await (await request("ann", "GET", "webhook-deliveries")).json();
  assert.deepEqual(listed, { items: [] });
  assert.equal((await request("root", "POST", "webhook-deliveries", { configuration: {} })).status, 405);
  assert.equal((await request("root", "PUT", path, { configuration: {} })).status, 405);
  assert.ok(!("webhookDeliveries" in app) && app.openapi().paths["/api/webhook-deliveries"] === undefined);

  assert.equal((await request("root", "POST", `${path}/redeliver`, {})).status, 202);
  const again = await receiver.received((each) => each.path === "/gone" && each !== gone);
  assert.equal(again.headers["webhook-id"], gone.headers["webhook-id"]);
  assert.equal(again.text, gone.text);
});

test("a redirect is a failure that is retried, and never followed", async () => {
  const id = await create(`${receiver.url}/redirect`);
  const { headers } = await eventOf("/redirect", id);
  const delivery = await eventually("the first failure", async () => {
    const response = await request("root", "GET", `webhook-deliveries/${String(headers["webhook-id"])}/history`);
    const text = await response.text();
    return text.includes("307") ? text : undefined;
  });
  assert.match(delivery, /Redirects are not followed/);
  assert.equal(receiver.requests.filter((each) => each.path === "/app" && dataOf(each)["id"] === id).length, 1);
});

test("a webhook that cannot be reached from outside is an error of the body", async () => {
  const refusals: readonly (readonly [webhook: unknown, detail: string])[] = [
    ["https://10.0.0.1/", "must not lead to a private address"],
    ["https://0x7f.1.1.1:1@example.com/", "must not contain a user or a password"],
    ["https://2130706434.0.0.1/", "must be an https URL of at most 2048 characters"],
    ["https://[::ffff:10.0.0.1]/", "must not lead to a private address"],
    ["ftp://example.com/", "must be an https URL"],
    [7, "must be an https URL of at most 2048 characters"],
    [`https://example.com/${"x".repeat(2048)}`, "must be an https URL of at most 2048 characters"],
  ];
  const configuration = { size: 4, login: { user: "ann", password: "x" } };
  for (const [webhook, detail] of refusals) {
    const response = await request("ann", "POST", "machines", { configuration, webhook });
    const { errors } = parseObject(await response.text());
    assert.equal(response.status, 422);
    assert.deepEqual(errors, [{ pointer: "/webhook", detail }]);
  }
  const webhook = "https://example.com/";
  const disks = await request("ann", "POST", "disks", { configuration: { size: 1 }, webhook });
  assert.equal(disks.status, 422);
  assert.match(await disks.text(), /a request has only the fields configuration, deadline/);
});

test("a receiver that hangs delays neither other receivers nor work", async () => {
  const held: ServerResponse[] = [];
  await using hanging = await startReceiver((_, response) => void held.push(response), "127.0.0.2");
  const slow = await Promise.all(Array.from({ length: 15 }, () => create(`${hanging.url}/hang`)));
  await eventually("as many requests as a host gets", () => held.length === 10);
  const id = await create(`${receiver.url}/own`);
  await Promise.all([eventOf("/own", id), ...slow.map((each) => eventOf("/app", each))]);
  assert.equal(hanging.requests.length, 10);
  for (const response of held) response.writeHead(200).end();
  await eventually("the others", () => hanging.requests.length === 15);
  for (const response of held) response.end();
});

test("a delivery is tried eight times within 35 hours", () => {
  const [type] = withDeliveries([], { options: app.options, clock: systemClock, log: silentLog });
  const { attempts, backoff, deadlineMs } = type?.policy.kinds["create"] ?? assert.fail();
  const minutes = [1 / 12, 1 / 2, 5, 30, 120, 480, 1440];
  assert.deepEqual([attempts, backoff.pausesMs], [8, minutes.map((each) => each * 60_000)]);
  assert.ok(deadlineMs > 35 * 3_600_000);
});

test("createApp checks receivers and secrets, and never quotes a secret", () => {
  const url = "https://hooks.example.com/";
  const endpoint = (more: object) => ({ endpoints: [{ url, secrets: [OLD], ...more }] });
  const cases: readonly (readonly [webhooks: object, message: RegExp])[] = [
    [endpoint({ url: "http://hooks.example.com/" }), /webhooks\.endpoints\[0\]\.url: must be an https URL/],
    [endpoint({ secrets: [] }), /webhooks\.endpoints\[0\]\.secrets: is not a list of 1 to 5 secrets/],
    [endpoint({ secrets: [OLD, OLD.slice(0, 22)] }), /secrets\[1\]: has \d+ bytes\. Use "whsec_" followed by 24 to 64/],
    [endpoint({ secrets: [OLD.replace("whsec_", "")] }), /does not start with "whsec_"/],
    [endpoint({ secrets: [`${OLD}!`] }), /is not Base64 after the prefix/],
    [endpoint({ types: ["router"] }), /webhooks: types: "router" is not a type of the app/],
    [
      {
        endpoints: [
          { url, secrets: [OLD] },
          { url, secrets: [NEW] },
        ],
      },
      /a URL is declared twice/,
    ],
    [{ perResource: { secrets: ["x"] } }, /webhooks\.perResource\.secrets\[0\]/],
    [{ allow: ["localhost"] }, /webhooks\.allow: "localhost" is no address or range/],
  ];
  for (const [webhooks, message] of cases) {
    assert.throws(
      () => createApp({ resources: [disk], webhooks }),
      (error) => error instanceof Error && message.test(error.message) && !error.message.includes(OLD.slice(6, 18)),
      String(message),
    );
  }
});

test("the OpenAPI document has webhooks, callbacks and the field of the body", () => {
  const { paths, webhooks = {}, components } = app.openapi();
  assert.deepEqual(Object.keys(webhooks), ["machine.settled", "machine.deleted"]);
  const post = paths["/api/machines"]?.post;
  assert.deepEqual(Object.keys(post?.callbacks?.["settled"] ?? {}), ["{$request.body#/webhook}"]);
  assert.equal(paths["/api/disks"]?.post?.callbacks, undefined);
  const { properties } = components.schemas["NewMachineWithWebhook"] ?? {};
  assert.ok(isObject(properties) && "webhook" in properties);
});
