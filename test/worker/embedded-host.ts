// A plain program with an embedded app and no handler for unhandled rejections. Runs each case once and prints the outcomes.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Fastify from "fastify";
import { afoot } from "../../src/hosts/fastify.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import app, { names, outcomeOf, type Send } from "./rejection-app.ts";

const [folder = "", host = "plain"] = process.argv.slice(2);
await app.start({ store: sqliteStore({ path: join(folder, "afoot.db") }) });
const fastify = Fastify();
await fastify.register(afoot, { app });

const send: Send = async (path, method, body) => {
  const headers = { "Content-Type": "application/json", Prefer: "wait=10" };
  if (host === "fastify") {
    const { body: text } = await fastify.inject({ url: path, method, headers, ...(body && { payload: body }) });
    return JSON.parse(text) as Record<string, unknown>;
  }
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return (await (await app.fetch(new Request(`http://app.test${path}`, init))).json()) as Record<string, unknown>;
};

if (host.startsWith("unrelated")) {
  const error = new Error("outside of work");
  setImmediate(() => {
    if (host === "unrelated") void Promise.reject(error);
    else throw error;
  });
  await delay(100);
  process.stdout.write("still running");
}
const outcomes = await Promise.all(names.map(async (name) => [name, await outcomeOf(send, name)] as const));
await app.close({ graceMs: 0 });
await fastify.close();
process.stdout.write(JSON.stringify(Object.fromEntries(outcomes)));
