import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createTiming, type Latencies } from "./timing.ts";

/** Clients with all kinds of behaviour, good and bad. */
export interface Clients {
  readonly counts: Readonly<Record<string, number>>;
  /** Returns the latencies of requests that are answered at once, since the last call. */
  readonly latencies: () => Latencies;
  /** Starts no more clients, and resolves when all running ones have finished. */
  readonly stop: () => Promise<void>;
}

/** More than twice the time to detect a lost worker and to finish its operation elsewhere. */
const REQUEST_TIMEOUT_MS = 180_000;
const JSON_BODY = { "Content-Type": "application/json" };

type ClientBehavior = (origin: string) => Promise<void>;

/** Behaviours, and how many of each start per second. */
const BEHAVIORS: readonly (readonly [name: string, perSecond: number, run: ClientBehavior])[] = [
  ["orders followed by long polls", 15, async (origin) => follow(origin, await post(origin, "orders", { ms: 20 }))],
  [
    "orders that fail and are undone",
    5,
    async (origin) => follow(origin, await post(origin, "orders", { fails: true })),
  ],
  ["orders without a follower", 20, async (origin) => void (await post(origin, "orders", {}))],
  ["naps ended by a message", 5, sendAlarm],
  ["naps ended by a timeout", 5, async (origin) => void (await post(origin, "naps", { ms: 500 }))],
  ["isolated work", 0.5, async (origin) => follow(origin, await post(origin, "sealeds", {}))],
  ["orders changed, cancelled, deleted", 5, change],
  ["event streams read to their end", 3, async (origin) => stream(origin, Infinity)],
  ["aborted event streams", 3, async (origin) => stream(origin, 1)],
  ["requests repeated with their idempotency key", 3, repeat],
  ["invalid requests", 10, sendInvalid],
  ["connections closed during a request", 5, async (origin) => disconnect(origin, 50)],
  ["slow clients", 1, async (origin) => disconnect(origin, 5000)],
  ["clients that never read", 1, neverRead],
  ["lists", 5, async (origin) => void (await send(`${origin}/api/orders?limit=50`))],
];

/** @param load factor of the clients per second; 1 is about 85 */
export function startClients(origin: string, load: number): Clients {
  const counts: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  const increment = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const start = (name: string, run: ClientBehavior): void => {
    const client: Promise<void> = run(origin)
      .then(() => increment(name))
      .catch((error: unknown) =>
        increment(`failed: ${name}: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => running.delete(client));
    running.add(client);
  };
  const timers = BEHAVIORS.map(([name, perSecond, run]) =>
    setInterval(() => start(name, run), 1000 / perSecond / load),
  );
  return {
    counts,
    latencies: timing.take,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}

const timing = createTiming();

async function send(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly response: Response; readonly text: string }> {
  const startedAt = performance.now();
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await response.text();
  if (response.status === 200 && new Headers(init.headers).get("prefer") === null) {
    timing.add("GET", performance.now() - startedAt);
  }
  if (response.status === 202 && init.method === "POST") timing.add("POST", performance.now() - startedAt);
  if (response.status >= 500 && response.status !== 503) throw new Error(`answered ${response.status}`);
  return { response, text };
}

/** Sends a POST, and retries while the server returns 503. */
async function post(origin: string, path: string, configuration: object, headers: object = {}): Promise<string> {
  const body = JSON.stringify({ configuration });
  for (;;) {
    const { response } = await send(`${origin}/api/${path}`, {
      method: "POST",
      headers: { ...JSON_BODY, ...headers },
      body,
    });
    if (response.status === 202) return response.headers.get("location") ?? "";
    if (response.status !== 503) throw new Error(`answered ${response.status}`);
    await sleep(1000);
  }
}

async function follow(origin: string, location: string): Promise<void> {
  let etag = "";
  for (;;) {
    const headers: Record<string, string> = etag === "" ? {} : { "If-None-Match": etag, Prefer: "wait=10" };
    const { response } = await send(origin + location, { headers });
    if (response.status === 503) {
      await sleep(1000);
      continue;
    }
    if (!response.headers.has("retry-after")) return;
    etag = response.headers.get("etag") ?? etag;
  }
}

async function sendAlarm(origin: string): Promise<void> {
  const location = await post(origin, "naps", { ms: 200 });
  await send(`${origin}${location}/alarm`, {
    method: "POST",
    headers: JSON_BODY,
    body: JSON.stringify({ by: "clock" }),
  });
  await follow(origin, location);
}

async function change(origin: string): Promise<void> {
  const location = await post(origin, "orders", { ms: 20 });
  await send(`${origin}${location}/cancel`, { method: "POST" });
  await follow(origin, location);
  const patch = { method: "PATCH", headers: JSON_BODY, body: JSON.stringify({ configuration: { ms: 30 } }) };
  await send(origin + location, patch);
  await follow(origin, location);
  await send(origin + location, { method: "DELETE" });
  await follow(origin, location);
}

async function stream(origin: string, events: number): Promise<void> {
  const location = await post(origin, "orders", { ms: 100 });
  const aborting = new AbortController();
  const signal = AbortSignal.any([aborting.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  const response = await fetch(origin + location, { headers: { Accept: "text/event-stream" }, signal });
  const reader = response.body?.getReader();
  for (let seen = 0; seen < events; seen++) if ((await reader?.read())?.done !== false) break;
  aborting.abort();
}

async function repeat(origin: string): Promise<void> {
  const headers = { "Idempotency-Key": `"${crypto.randomUUID()}"` };
  const locations = await Promise.all([1, 2, 3].map(() => post(origin, "orders", {}, headers)));
  if (new Set(locations).size !== 1) throw new Error("one key created several resources");
}

async function sendInvalid(origin: string): Promise<void> {
  const attempts: readonly (readonly [path: string, init: RequestInit])[] = [
    ["orders", { method: "POST", headers: JSON_BODY, body: "{" }],
    ["orders", { method: "POST", headers: JSON_BODY, body: JSON.stringify({ configuration: { ms: "long" } }) }],
    ["orders", { method: "POST", headers: JSON_BODY, body: "x".repeat(300_000) }],
    ["orders/unknown", {}],
    ["nothing/here", {}],
  ];
  const [path, init] = attempts[Math.floor(Math.random() * attempts.length)] ?? ["orders/unknown", {}];
  await send(`${origin}/api/${path}`, init);
}

/** Sends half a request, waits, and disconnects. */
async function disconnect(origin: string, ms: number): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1").on("error", () => {});
  socket.write(
    "POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  );
  await sleep(ms);
  socket.destroy();
}

/** Requests an event stream and reads nothing of it. */
async function neverRead(origin: string): Promise<void> {
  const location = await post(origin, "orders", {});
  const socket = connect(Number(new URL(origin).port), "127.0.0.1")
    .on("error", () => {})
    .pause();
  socket.write(`GET ${location} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  await sleep(3000);
  socket.destroy();
}
