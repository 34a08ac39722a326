// Serves long polls by Afoot on SQLite, or for comparison by plain node:http that keeps the responses in an array.
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
import { type Commit, createCommit } from "../../src/server/storage/commit.ts";
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
/** Number of polled resources: one for all requests, or one each. */
const resources = Number(resourcesText);

interface LongPollServer {
  readonly server: Server;
  readonly path: (index: number) => string;
  readonly waiting: () => number;
  readonly wake: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const longPolls = side === "raw" ? rawServer() : await afootServer();
longPolls.server.listen(0, "127.0.0.1");
await once(longPolls.server, "listening");
const address = longPolls.server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;
process.send?.({
  port,
  paths: Array.from({ length: count }, (_, index) => longPolls.path(index % resources)),
  memory: memory(),
});

process.on("message", (message) => void onMessage(message));

async function onMessage(message: unknown): Promise<void> {
  if (message === "state") {
    process.send?.({ waiting: longPolls.waiting(), memory: memory() });
    return;
  }
  if (message === "wake") {
    const startedAt = performance.now();
    await longPolls.wake();
    process.send?.({ changedMs: performance.now() - startedAt });
    return;
  }
  longPolls.server.closeAllConnections();
  longPolls.server.close();
  await longPolls.close();
  process.disconnect();
}

function memory(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

/** Headers of Afoot's responses, so that both sides send the same bytes. */
const HEADERS = [
  ...["Content-Type", "application/json", "Cache-Control", "private, no-cache", "Vary", "Accept"],
  ...["X-Content-Type-Options", "nosniff", "ETag", '"o-w1.1-2bbff007bec4297ba1af9333"'],
  ...["Last-Modified", new Date().toUTCString(), "Retry-After", "1", "Preference-Applied", "wait=60"],
];

function rawServer(): LongPollServer {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response));
  return {
    server,
    path: (index) => `/api/widgets/${index}`,
    waiting: () => responses.length,
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

/** Returns a clock that counts waiting requests by their timers, which all have this length. */
function countingClock(timerMs: number): { readonly clock: Clock; readonly waiting: () => number } {
  let waiting = 0;
  const after: Clock["after"] = (ms, callback) => {
    const cancel = systemClock.after(ms, callback);
    if (ms !== timerMs) return cancel;
    waiting++;
    return () => {
      waiting--;
      cancel();
    };
  };
  return { clock: { ...systemClock, after }, waiting: () => waiting };
}

interface Key {
  readonly type: string;
  readonly id: string;
}

/** Creates resources whose operations are claimed by a worker. */
async function createClaimed(
  commit: Commit,
  keys: readonly Key[],
  stamp: { readonly at: number; readonly random: number },
): Promise<void> {
  const operation = { kind: "create", configuration: '{"size":"large"}' };
  await commit(
    keys.map((key) => ({
      change: "accept",
      key,
      expect: "absent",
      operation: { id: `o-${key.id}`, ...operation },
      ...stamp,
    })),
  );
  const claimed = { event: "claimed", worker: "w", claim: 1 } as const;
  await commit(keys.map((target) => ({ change: "event", target, event: claimed, ...stamp })));
}

async function afootServer(): Promise<LongPollServer> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-long-poll-"));
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
  const commit = createCommit({
    store,
    broker,
    clock,
    log: silentLog,
    onCommitted: () => {},
    metrics: telemetry.metrics,
  });
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
  const stamp = { at: clock.now(), random: 0 };
  await createClaimed(commit, keys, stamp);
  return {
    // Same options as in `afoot start`.
    server: createServer({ ...serverLimits, optimizeEmptyRequests: true }, nodeListener(handler)),
    path: (index) => `/api/widgets/w${index}`,
    waiting: counting.waiting,
    async wake() {
      const event = { event: "progress", attempt: 1, sequence: 1, progress: 0.5 } as const;
      const changes = keys.map((target) => ({ change: "event", target, event, ...stamp }) as const);
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
