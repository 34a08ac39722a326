// Holds GETs: by Afoot over SQLite, or, to compare, by plain node:http that keeps the responses in an array.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { localBroker } from "../../src/brokers/local/index.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { type Clock, systemClock } from "../../src/core/scheduling/clock.ts";
import { nodeListener, serverLimits } from "../../src/server/http/node-listener.ts";
import { serverOptions } from "../../src/server/options.ts";
import { createHandler } from "../../src/server/routing/handler.ts";
import { createCommit } from "../../src/server/storage/commit.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";

const widget = defineResource({
  name: "widget",
  configuration: z.object({ size: z.string() }),
  details: z.object({}),
  statuses: { ready: "Ready" },
  create: { status: "Making", external: true },
});

const [side = "afoot", countText = "10000", resourcesText = countText] = process.argv.slice(2);
const count = Number(countText);
/** By how many resources the GETs are held: each by one of its own, or all by the same. */
const resources = Number(resourcesText);

interface Holding {
  readonly server: Server;
  readonly path: (index: number) => string;
  readonly held: () => number;
  readonly wake: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const holding = side === "raw" ? raw() : await afoot();
holding.server.listen(0, "127.0.0.1");
await once(holding.server, "listening");
const address = holding.server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;
process.send?.({
  port,
  paths: Array.from({ length: count }, (_, index) => holding.path(index % resources)),
  memory: memory(),
});

process.on("message", (message) => void heard(message));

async function heard(message: unknown): Promise<void> {
  if (message === "held?") {
    process.send?.({ held: holding.held(), memory: memory() });
    return;
  }
  if (message === "wake") {
    const began = performance.now();
    await holding.wake();
    process.send?.({ changedMs: performance.now() - began });
    return;
  }
  holding.server.closeAllConnections();
  holding.server.close();
  await holding.close();
  process.disconnect();
}

function memory(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

/** The head of Afoot's answers, so that both send the same bytes. */
const HEADERS = [
  ...["Content-Type", "application/json", "Cache-Control", "private, no-cache", "Vary", "Accept"],
  ...["X-Content-Type-Options", "nosniff", "ETag", '"o-w1.1-2bbff007bec4297ba1af9333"'],
  ...["Last-Modified", new Date().toUTCString(), "Retry-After", "1", "Preference-Applied", "wait=60"],
];

function raw(): Holding {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response));
  return {
    server,
    path: (index) => `/api/widgets/${index}`,
    held: () => responses.length,
    async wake() {
      const text = JSON.stringify({ id: "w1", status: "Making", configuration: { size: "large" }, progress: "50%" });
      for (const response of responses) {
        response.writeHead(200, [...HEADERS, "Content-Length", String(text.length)]);
        response.end(text);
      }
    },
    close: async () => {},
  };
}

/** A clock that counts the holds that run: each has a timer of this length, and as long as it lasts. */
function countingClock(holdMs: number): { readonly clock: Clock; readonly held: () => number } {
  let held = 0;
  const after: Clock["after"] = (ms, callback) => {
    const cancel = systemClock.after(ms, callback);
    if (ms !== holdMs) return cancel;
    held++;
    return () => {
      held--;
      cancel();
    };
  };
  return { clock: { ...systemClock, after }, held: () => held };
}

async function afoot(): Promise<Holding> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-held-"));
  const store = sqliteStore({ path: join(folder, "afoot.db") });
  const broker = localBroker();
  const clock = systemClock;
  await store.open({
    policies: new Map([[widget.name, widget.policy]]),
    at: clock.now(),
    onFatal: (error) => console.error(error),
  });
  await broker.open();
  const telemetry = createTelemetry();
  const counting = countingClock(60_000);
  const commit = createCommit({ store, broker, clock, onCommitted: () => {}, metrics: telemetry.metrics });
  const estimates = { estimate: () => undefined };
  const options = serverOptions();
  const handler = createHandler({
    types: [widget],
    store,
    broker,
    commit,
    clock: counting.clock,
    log: silentLog,
    options,
    estimates,
    telemetry,
  });
  const keys = Array.from({ length: resources }, (_, index) => ({ type: "widget", id: `w${index}` }));
  const moment = { at: clock.now(), random: 0 };
  const operation = { kind: "create", configuration: '{"size":"large"}' };
  await commit(
    keys.map((key) => ({
      change: "accept",
      key,
      expect: "absent",
      operation: { id: `o-${key.id}`, ...operation },
      ...moment,
    })),
  );
  const claimed = { event: "claimed", worker: "w", claim: 1 } as const;
  await commit(keys.map((target) => ({ change: "event", target, event: claimed, ...moment })));
  return {
    // As `afoot start` serves it.
    server: createServer({ ...serverLimits, optimizeEmptyRequests: true }, nodeListener(handler)),
    path: (index) => `/api/widgets/w${index}`,
    held: counting.held,
    async wake() {
      const event = { event: "progress", attempt: 1, sequence: 1, progress: 0.5 } as const;
      const changes = keys.map((target) => ({ change: "event", target, event, ...moment }) as const);
      await commit(changes);
    },
    async close() {
      await handler.close();
      await broker.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
