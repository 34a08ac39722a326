import assert from "node:assert/strict";
import { createApp, defineResource } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import type { AppOptions } from "../../src/app/create-app.ts";
import { isJsonObject } from "../../src/core/json/json.ts";
import type { Broker } from "../../src/core/ports/broker.ts";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { createTrafficCheck } from "../contract/traffic.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

/** A type whose operations are external. */
export const machine = defineResource({
  name: "machine",
  configuration: z.object({ ram: z.string() }),
  details: z.object({ address: z.ipv4(), rack: z.number().default(1) }),
  statuses: { ready: ["Ready", "Stopped"] },
  create: { status: "Provisioning", external: true },
  delete: { status: "Deleting", external: true },
});

/** A type with work that waits for a message. */
export const order = defineResource({
  name: "order",
  configuration: z.object({ item: z.string() }),
  details: z.object({ by: z.string() }),
  statuses: { ready: "Approved" },
  receives: { approval: z.object({ by: z.string() }) },
  create: {
    status: "Waiting",
    async work({ receive }) {
      return { by: (await receive("approval")).by };
    },
  },
});

export interface JsonReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** An app in this process with its own store that accepts external processes. */
export interface Fixture extends AsyncDisposable {
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<JsonReply>;
  /** Creates a resource and returns its id. */
  readonly create: (path: "machines" | "orders") => Promise<string>;
}

export interface FixtureOptions {
  readonly broker?: Broker;
  readonly role?: "all" | "server";
  readonly options?: Partial<AppOptions<[]>>;
}

export async function startFixture({ broker, role = "server", options = {} }: FixtureOptions = {}): Promise<Fixture> {
  const folder = await temporaryFolder();
  const app = createApp({ messages: true, worker: true, ...options, resources: [machine, order] });
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await app.start({ store, role, ...(broker === undefined ? {} : { broker }) });

  const check = createTrafficCheck(openapiDocument({ types: app.types, options: app.options }));
  const send: Fixture["send"] = async (method, path, body, headers = {}) => {
    const response = await app.fetch(
      new Request(`http://localhost/api/${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const { status, headers: given } = response;
    assert.deepEqual(check({ method, url: `/api/${path}`, status, headers: given, body: text }), []);
    const json: unknown = text === "" ? {} : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: isJsonObject(json) ? json : {} };
  };
  return {
    send,
    async create(path) {
      const configuration = path === "machines" ? { ram: "16GB" } : { item: "book" };
      const { body } = await send("POST", path, { configuration });
      return String(body["id"]);
    },
    async [Symbol.asyncDispose]() {
      await app.close({ graceMs: 0 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

let messages = 0;

/** Creates a status message. */
export function statusMessage(
  subject: string,
  kind: string,
  data: unknown,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  messages += 1;
  return {
    specversion: "1.0",
    id: `m-${messages}`,
    source: "/hypervisor/7",
    type: `dev.afoot.${kind}`,
    subject,
    data,
    ...more,
  };
}
