import { connect } from "node:net";
import { setTimeout as passes } from "node:timers/promises";

/** Everything that clients do, well and badly, again and again. */
export interface Clients {
  readonly counts: Readonly<Record<string, number>>;
  /** Nobody begins anything any more; resolves when all have what they were waiting for. */
  readonly stop: () => Promise<void>;
}

/** Longer than a worker is missed, twice, and its operation done after all. */
const PATIENCE_MS = 180_000;
const JSON_BODY = { "Content-Type": "application/json" };

type Kind = (origin: string) => Promise<void>;

/** How often each is begun, in a second. */
const KINDS: readonly (readonly [name: string, perSecond: number, run: Kind])[] = [
  ["orders followed by held GETs", 15, async (origin) => follow(origin, await post(origin, "orders", { ms: 20 }))],
  [
    "orders that fail and are undone",
    5,
    async (origin) => follow(origin, await post(origin, "orders", { fails: true })),
  ],
  ["orders nobody looks after", 20, async (origin) => void (await post(origin, "orders", {}))],
  ["naps that a message ends", 5, wake],
  ["naps that time ends", 5, async (origin) => void (await post(origin, "naps", { ms: 500 }))],
  ["work in a process of its own", 0.5, async (origin) => follow(origin, await post(origin, "sealeds", {}))],
  ["orders changed, cancelled, deleted", 5, change],
  ["streams of events read to their end", 3, async (origin) => stream(origin, Infinity)],
  ["streams of events cut off", 3, async (origin) => stream(origin, 1)],
  ["requests repeated under their key", 3, repeat],
  ["requests that are wrong", 10, mistake],
  ["connections cut off in a request", 5, async (origin) => cut(origin, 50)],
  ["clients that send slowly", 1, async (origin) => cut(origin, 5000)],
  ["clients that never read", 1, deaf],
  ["lists", 5, async (origin) => void (await ask(`${origin}/api/orders?limit=50`))],
];

export function startClients(origin: string): Clients {
  const counts: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const begin = (name: string, run: Kind): void => {
    const running: Promise<void> = run(origin)
      .then(() => count(name))
      .catch((error: unknown) => count(`failed: ${name}: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => underWay.delete(running));
    underWay.add(running);
  };
  const timers = KINDS.map(([name, perSecond, run]) => setInterval(() => begin(name, run), 1000 / perSecond));
  return {
    counts,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly response: Response; readonly text: string }> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  if (response.status >= 500 && response.status !== 503) throw new Error(`answered ${response.status}`);
  return { response, text };
}

/** Asks again as long as the server says that it cannot at the moment. */
async function post(origin: string, path: string, configuration: object, headers: object = {}): Promise<string> {
  const body = JSON.stringify({ configuration });
  for (;;) {
    const { response } = await ask(`${origin}/api/${path}`, {
      method: "POST",
      headers: { ...JSON_BODY, ...headers },
      body,
    });
    if (response.status === 202) return response.headers.get("location") ?? "";
    if (response.status !== 503) throw new Error(`answered ${response.status}`);
    await passes(1000);
  }
}

async function follow(origin: string, location: string): Promise<void> {
  let etag = "";
  for (;;) {
    const headers: Record<string, string> = etag === "" ? {} : { "If-None-Match": etag, Prefer: "wait=10" };
    const { response } = await ask(origin + location, { headers });
    if (response.status === 503) {
      await passes(1000);
      continue;
    }
    if (!response.headers.has("retry-after")) return;
    etag = response.headers.get("etag") ?? etag;
  }
}

async function wake(origin: string): Promise<void> {
  const location = await post(origin, "naps", { ms: 200 });
  await ask(`${origin}${location}/alarm`, {
    method: "POST",
    headers: JSON_BODY,
    body: JSON.stringify({ by: "clock" }),
  });
  await follow(origin, location);
}

async function change(origin: string): Promise<void> {
  const location = await post(origin, "orders", { ms: 20 });
  await ask(`${origin}${location}/cancel`, { method: "POST" });
  await follow(origin, location);
  const patch = { method: "PATCH", headers: JSON_BODY, body: JSON.stringify({ configuration: { ms: 30 } }) };
  await ask(origin + location, patch);
  await follow(origin, location);
  await ask(origin + location, { method: "DELETE" });
  await follow(origin, location);
}

async function stream(origin: string, events: number): Promise<void> {
  const location = await post(origin, "orders", { ms: 100 });
  const aborting = new AbortController();
  const signal = AbortSignal.any([aborting.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const response = await fetch(origin + location, { headers: { Accept: "text/event-stream" }, signal });
  const reader = response.body?.getReader();
  for (let seen = 0; seen < events; seen++) if ((await reader?.read())?.done !== false) break;
  aborting.abort();
}

async function repeat(origin: string): Promise<void> {
  const headers = { "Idempotency-Key": `"${crypto.randomUUID()}"` };
  const locations = await Promise.all([1, 2, 3].map(() => post(origin, "orders", {}, headers)));
  if (new Set(locations).size !== 1) throw new Error("one key made several resources");
}

async function mistake(origin: string): Promise<void> {
  const attempts: readonly (readonly [path: string, init: RequestInit])[] = [
    ["orders", { method: "POST", headers: JSON_BODY, body: "{" }],
    ["orders", { method: "POST", headers: JSON_BODY, body: JSON.stringify({ configuration: { ms: "long" } }) }],
    ["orders", { method: "POST", headers: JSON_BODY, body: "x".repeat(300_000) }],
    ["orders/unknown", {}],
    ["nothing/here", {}],
  ];
  const [path, init] = attempts[Math.floor(Math.random() * attempts.length)] ?? ["orders/unknown", {}];
  await ask(`${origin}/api/${path}`, init);
}

/** Sends half a request, waits, and is gone. */
async function cut(origin: string, ms: number): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1").on("error", () => {});
  socket.write(
    "POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  );
  await passes(ms);
  socket.destroy();
}

/** Asks for a stream of events and reads nothing of it. */
async function deaf(origin: string): Promise<void> {
  const location = await post(origin, "orders", {});
  const socket = connect(Number(new URL(origin).port), "127.0.0.1")
    .on("error", () => {})
    .pause();
  socket.write(`GET ${location} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  await passes(3000);
  socket.destroy();
}
