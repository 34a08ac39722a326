import { join } from "node:path";
import { z } from "zod";
import { createApp } from "../../../src/app/create-app.ts";
import { defineResource } from "../../../src/core/definition/define-resource.ts";
import { PermanentError } from "../../../src/core/errors.ts";
import { type McpApp, mcpHandler } from "../../../src/mcp/index.ts";
import { sqliteStore } from "../../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { FULL, rpc, type Rpc, type RpcReply, type RpcResult } from "./rpc.ts";

const account = defineResource({
  name: "bank-account",
  description: "An account.",
  configuration: z.object({
    holder: z.string().min(1).describe("Name of the holder."),
    pin: z.string(),
    tags: z.array(z.string()).default([]),
  }),
  redact: ["pin"],
  details: z.object({ number: z.string() }),
  statuses: { ready: ["Open", "Frozen"] },
  maxInProgress: 50,
  create: {
    status: "Opening",
    description: "Takes a day.",
    async work({ configuration: { holder } }) {
      if (holder === "Nobody") throw new PermanentError("Nobody may not have an account.", { code: "no-holder" });
      return { number: "7" };
    },
  },
  update: { status: "Changing", work: async () => ({ number: "8" }) },
  actions: {
    freeze: { status: "Freezing", description: "Blocks all payments.", work: async () => ({ number: "7" }) },
    audit: { status: "Auditing", mcp: false, work: async () => ({ number: "9" }) },
  },
});

const review = defineResource({
  name: "review",
  configuration: z.object({ rounds: z.int().default(1), nested: z.boolean().default(false) }),
  details: z.object({ answers: z.array(z.string()) }),
  statuses: { ready: "Reviewed" },
  receives: {
    decision: z.object({ answer: z.string().max(20) }).describe("The decision of a person."),
    report: z.object({ pages: z.array(z.string()) }),
  },
  create: {
    status: "Reviewing",
    async work({ configuration: { rounds, nested }, receive }) {
      if (nested) return { answers: (await receive("report")).pages };
      const answers: string[] = [];
      for (let round = 0; round < rounds; round++) answers.push((await receive("decision")).answer);
      return { answers };
    },
  },
  actions: {
    again: {
      status: "Reviewing again",
      work: async ({ receive }) => ({ answers: [(await receive("decision")).answer] }),
    },
  },
});

const hidden = defineResource({
  name: "secret",
  mcp: false,
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Kept" },
  create: { status: "Keeping", work: async () => ({}) },
});

const few = defineResource({
  name: "note",
  mcp: { description: "Notes for agents.", tools: ["create", "get"], text: ({ text }) => `Note: ${String(text)}` },
  configuration: z.object({ text: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Kept" },
  metadata: true,
  maxInProgress: 1,
  create: {
    status: "Keeping",
    async work({ configuration: { text }, sleep }) {
      await sleep("keep", text === "slow" ? 60_000 : 0);
      return { text };
    },
  },
});

export const MCP_URL = "http://localhost/mcp";

/** The JSON-RPC code of invalid parameters. */
export const INVALID_PARAMS = -32_602;

/** An app with agents, in this process. */
export interface Agents extends AsyncDisposable {
  readonly app: McpApp;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly call: (sent: Rpc) => Promise<RpcReply>;
  readonly tool: (name: string, given: object, more?: Partial<Rpc>) => Promise<RpcReply>;
  readonly read: (uri: string) => Promise<RpcReply>;
  readonly task: (method: "get" | "update" | "cancel", taskId: string, params?: object) => Promise<RpcReply>;
  /** Waits until a task has a state. */
  readonly taskIn: (status: string, taskId: string) => Promise<RpcResult>;
}

export async function openAgents(): Promise<Agents> {
  const folder = await temporaryFolder();
  const app = createApp({
    resources: [account, review, hidden, few],
    mcp: { waitMs: 5000, instructions: "Be careful." },
    cors: { origins: ["https://app.example.com"] },
    maxBodyBytes: 4096,
  });
  await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }) });
  const handler = mcpHandler(app);
  const call: Agents["call"] = (sent) => rpc(handler.fetch, MCP_URL, sent);
  const task: Agents["task"] = (method, taskId, params = {}) =>
    call({ method: `tasks/${method}`, params: { taskId, ...params }, capabilities: FULL });
  return {
    app,
    fetch: handler.fetch,
    call,
    task,
    tool: (name, given, { params, ...more } = {}) =>
      call({ method: "tools/call", params: { name, arguments: given, ...params }, ...more }),
    read: (uri) => call({ method: "resources/read", params: { uri } }),
    taskIn: (status, taskId) =>
      eventually(`the task to be ${status}`, async () => {
        const { result } = await task("get", taskId);
        return result.status === status ? result : undefined;
      }),
    async [Symbol.asyncDispose]() {
      await handler.close();
      await app.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
