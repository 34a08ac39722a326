import assert from "node:assert/strict";
import { type App, createApp } from "afoot";
import { amqpInlet, type AmqpInletOptions } from "afoot/inlets/amqp";
import { sqliteStore } from "afoot/stores/sqlite";
import { connect } from "amqplib";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { PartStatus } from "../../src/server/pages/health-pages.ts";
import { machine, order } from "../external/fixture.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { parseObject } from "../support/json.ts";

/** Publishes texts unchanged. Resolves once RabbitMQ has stored them. */
export async function publish(url: string, queue: string, ...texts: readonly (string | Buffer)[]): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  for (const text of texts) channel.sendToQueue(queue, Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

/** Returns the number of messages that no consumer holds. */
export async function messagesIn(url: string, queue: string): Promise<number> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

export interface InletFixtureOptions extends AmqpInletOptions {
  /** @default SQLite in a temporary folder */
  readonly store?: Store;
  readonly resources?: ResourceType[];
}

/** A server in this process with an inlet. */
export interface InletFixture extends AsyncDisposable {
  readonly app: App;
  /** Its log so far. */
  readonly lines: readonly string[];
  readonly part: () => Promise<PartStatus | undefined>;
  /** Creates a machine and returns its id. */
  readonly create: () => Promise<string>;
  /** Resolves once a machine is ready. */
  readonly settled: (id: string | undefined) => Promise<unknown>;
  /** Resolves once messages are consumed. */
  readonly ready: () => Promise<unknown>;
}

export async function startInlet({
  store,
  resources = [machine, order],
  ...options
}: InletFixtureOptions): Promise<InletFixture> {
  const stack = new AsyncDisposableStack();
  const folder = await temporaryFolder();
  stack.defer(() => folder[Symbol.asyncDispose]());
  const lines: string[] = [];
  const log = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  const app = createApp({ resources, inlets: [amqpInlet(options)] });
  await app.start({
    store: store ?? sqliteStore({ path: `${folder.path}/afoot.db` }),
    role: "server",
    log: { debug: log, info: log, warn: log, error: log },
  });
  stack.defer(() => app.close({ graceMs: 0 }));
  const part = async (): Promise<PartStatus | undefined> => (await app.status()).find(({ name }) => name === "inlet");
  return {
    app,
    lines,
    part,
    create: async () => String((await call(app, "POST", "machines", { configuration: { ram: "16GB" } }))["id"]),
    settled: (id) =>
      eventually(`${id} to be ready`, async () => (await call(app, "GET", `machines/${id}`))["status"] === "Ready"),
    ready: () => eventually("the inlet to consume", async () => (await part())?.ready === true),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Sends a request to an app in this process. */
async function call(app: App, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { "Content-Type": "application/json" };
  const url = `http://localhost/api/${path}`;
  const response = await app.fetch(
    new Request(url, { method, ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }) }),
  );
  assert.ok(response.ok, `${method} ${url}: ${response.status}`);
  return parseObject(await response.text());
}

/** Resolves to the response once a resource is settled. A server that is overloaded or has no store is asked again. */
export async function settled(url: string): Promise<JsonReply> {
  let last: JsonReply | undefined;
  const isSettled = async (): Promise<boolean> => {
    last = await send(url, "GET", undefined, { Prefer: "wait=30" });
    return last.status === 200 && !last.headers.has("Retry-After");
  };
  await eventually(`${url} to settle`, isSettled, { timeoutMs: 180_000 }).catch((cause: unknown) =>
    assert.fail(`${String(cause)}: ${last?.status} ${JSON.stringify(last?.body)}`),
  );
  return last ?? assert.fail();
}
