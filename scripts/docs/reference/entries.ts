// The entry points of the package, as their pages of the reference introduce them.

/** Introduction of an entry point. */
export interface Introduction {
  readonly summary: string;
  readonly guide: readonly [path: string, title: string];
  readonly example: string;
}

export const INTRODUCTIONS: Readonly<Record<string, Introduction>> = {
  afoot: {
    summary: "Declares resource types and combines them to an app.",
    guide: ["../../work.md", "writing work"],
    example: `
import { createApp, defineResource, PermanentError } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";

const report = defineResource({
  name: "report",
  configuration: z.object({ pages: z.int().min(1) }),
  details: z.object({ url: z.url() }),
  statuses: { ready: "Printed" },
  create: {
    status: "Printing",
    timeoutMs: 60_000, // one attempt
    async work({ configuration, step, report: publish }) {
      if (configuration.pages > 500) throw new PermanentError("No more than 500 pages.", { code: "too-long" });
      const url = await step("print", async () => "https://files.example.com/1.pdf");
      publish({ progress: 0.9 });
      return { url };
    },
  },
});

const app = createApp({ resources: [report], problemTypes: "https://docs.example.com/errors.html#" });
await app.start({ store: sqliteStore({ path: "data/afoot.db" }) });
const created = await app.reports.create({ pages: 3 });
console.log(await created.settled({ timeoutMs: 60_000 }));
await app.close({ graceMs: 10_000 });
`,
  },
  "afoot/server": {
    summary: "Serves the handler of an app from Node's own server, or as a function of `fetch`.",
    guide: ["../../hosts.md", "embedding in your own server"],
    example: `
import { createServer } from "node:http";
import { createApp } from "afoot";
import { nodeListener } from "afoot/server";

const app = createApp({ resources: [] });
createServer(nodeListener(app.handler)).listen(8080);
`,
  },
  "afoot/credentials": {
    summary: "Functions for the option `authenticate` of `createApp`.",
    guide: ["../../access.md", "access control"],
    example: `
import { createApp } from "afoot";
import { apiKeys, firstOf, jwt } from "afoot/credentials";

const authenticate = firstOf(
  apiKeys({ file: "keys.json" }),
  jwt({
    issuer: "https://login.example.com",
    audience: "https://api.example.com",
    jwks: "https://login.example.com/.well-known/jwks.json",
  }),
);
export default createApp({ resources: [], authenticate });
`,
  },
  "afoot/worker": {
    summary: "Runs work in a process of its own, for servers of your own that `app.start` does not fit.",
    guide: ["../../architecture.md", "architecture"],
    example: "",
  },
  "afoot/client": {
    summary: "Follows and changes resources, in browsers and in Node, without dependencies.",
    guide: ["../../clients.md", "clients"],
    example: `
import { createApp, defineResource } from "afoot";
import { createClient, follow, ResourceFailedError } from "afoot/client";
import { z } from "zod";

// The server. A client imports only its type: import type { app } from "./app.ts".
const app = createApp({
  resources: [
    defineResource({
      name: "report",
      configuration: z.object({ pages: z.int() }),
      details: z.object({ url: z.string() }),
      statuses: { ready: "Printed" },
      create: { status: "Printing", work: async () => ({ url: "https://files.example.com/1.pdf" }) },
    }),
  ],
});

const url = "https://api.example.com/api/reports/1";
for await (const { status, progress } of follow(url, { headers: { authorization: "Bearer ..." } })) {
  console.log(status, progress);
}

const api = createClient<typeof app>("https://api.example.com/api");
const report = await api.reports.create({ pages: 3 });
try {
  console.log(await report.settled({ timeoutMs: 60_000 }));
} catch (error) {
  if (error instanceof ResourceFailedError) console.log(error.code, error.error.detail);
}
`,
  },
  "afoot/react": {
    summary: "Follows a resource from React components.",
    guide: ["../../guides/browsers-and-react.md", "browsers and React"],
    example: `
import { useResource } from "afoot/react";

export function useStatus(url: string): string {
  const { state, failure } = useResource<{ readonly status: string }>(url);
  return failure?.message ?? state?.representation.status ?? "loading";
}
`,
  },
  "afoot/fastify": {
    summary: "Mounts an app in a Fastify instance.",
    guide: ["../../existing-application.md", "an existing application"],
    example: `
import Fastify from "fastify";
import { createApp } from "afoot";
import { afoot, mount } from "afoot/fastify";
import { sqliteStore } from "afoot/stores/sqlite";

const app = createApp({ resources: [] });
const fastify = Fastify();
await fastify.register(afoot, { app, start: { store: sqliteStore({ path: "data/afoot.db" }) } });
await fastify.register(mount, app.pages());
await fastify.listen({ port: 8080 });
`,
  },
  "afoot/hosts": {
    summary: "Mounts an app in Express, NestJS, Hono and other servers.",
    guide: ["../../hosts.md", "embedding in your own server"],
    example: `
import { createServer } from "node:http";
import express from "express";
import { createApp } from "afoot";
import { closeWith, middleware } from "afoot/hosts";

const app = createApp({ resources: [] });
const server = createServer(express().use(middleware([app, app.pages()])));
closeWith(server, app, { graceMs: 10_000 });
server.listen(8080);
`,
  },
  "afoot/stores": {
    summary: "The port of stores, and the logic that all stores share.",
    guide: ["../../stores.md", "writing a store"],
    example: "",
  },
  "afoot/mcp": {
    summary: "Serves an app to agents over the Model Context Protocol.",
    guide: ["../../agents.md", "agents"],
    example: `
import { createApp } from "afoot";
import { mcpHandler } from "afoot/mcp";

const app = createApp({ resources: [], mcp: true });
export const agents = await mcpHandler(app);
`,
  },
  "afoot/stores/sqlite": {
    summary: "The store in one SQLite file, for one process.",
    guide: ["../../operations.md#single-process", "operations"],
    example: `
import { sqliteStore } from "afoot/stores/sqlite";

export const store = sqliteStore({ path: "data/afoot.db" });
`,
  },
  "afoot/stores/postgres": {
    summary: "The store in a PostgreSQL database, for any number of nodes.",
    guide: ["../../postgres.md", "PostgreSQL"],
    example: `
import { postgresStore } from "afoot/stores/postgres";

export const store = postgresStore({ url: "postgres://afoot:secret@db.example.com/app", schema: "afoot" });
`,
  },
  "afoot/brokers/nats": {
    summary: "The broker between servers and workers in different processes.",
    guide: ["../../nats.md", "NATS"],
    example: `
import { natsBroker } from "afoot/brokers/nats";

export const broker = natsBroker({ servers: "nats://nats.example.com:4222" });
`,
  },
  "afoot/inlets/amqp": {
    summary: "Reads status messages of external processes from a queue of RabbitMQ.",
    guide: ["../../engines.md#status-messages-over-rabbitmq", "existing background systems"],
    example: `
import { amqpInlet } from "afoot/inlets/amqp";

export const inlet = amqpInlet({ url: "amqp://user:secret@rabbit.example.com/?queue=afoot" });
`,
  },
  "afoot/testing": {
    summary: "Runs work in memory on a virtual clock, with faults.",
    guide: ["../../testing.md", "testing"],
    example: `
import { defineResource } from "afoot";
import { checkResource, runResource } from "afoot/testing";
import { z } from "zod";

const greeting = defineResource({
  name: "greeting",
  configuration: z.object({ name: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Greeted" },
  create: {
    status: "Greeting",
    async work({ configuration, sleep }) {
      await sleep("pause", 60_000);
      return { text: \`Hello, \${configuration.name}.\` };
    },
  },
});

const run = await runResource(greeting, { configuration: { name: "Ann" } });
console.log(run.status, run.history);
const { findings } = await checkResource(greeting, () => ({ configuration: { name: "Ann" } }));
console.log(findings);
`,
  },
  "afoot/conformance": {
    summary: "The tests that every store and every broker must pass.",
    guide: ["../../stores.md", "writing a store"],
    example: `
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformance } from "afoot/conformance";
import { sqliteStore } from "afoot/stores/sqlite";

storeConformance({
  name: "SQLite",
  async create() {
    const folder = await mkdtemp(join(tmpdir(), "store-"));
    return { store: () => sqliteStore({ path: join(folder, "test.db") }), remove: () => rm(folder, { recursive: true }) };
  },
  capabilities: { processes: "one", reporting: true },
});
`,
  },
};
