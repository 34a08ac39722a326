import { randomUUID } from "node:crypto";
import { setTimeout as passes } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { random } from "../support/random.ts";
import type { Behaviour, Ended, Made, Watched } from "./report.ts";

/** Returns the origin of a running server; undefined if there is none. */
export type Origin = () => string | undefined;

/** Statuses after which a client repeats its request. 408: the server did not receive the request in time. */
const PASSING = new Set([408, 429, 503]);

/** Time limit that exceeds any outage of a fault run. */
const INSIST_MS = 180_000;

/** Time limit that exceeds any operation of a fault run. */
const SETTLE_MS = 600_000;

/** Repeats a request until a server returns a final response. */
export async function insist(origin: Origin, request: (origin: string) => Promise<JsonReply>): Promise<JsonReply> {
  return eventually(
    "a response that is not temporary",
    async () => {
      const to = origin();
      if (to === undefined) return undefined;
      const response = await request(to).catch((error: unknown) => {
        // A killed server resets its connections; a live one responds.
        if (error instanceof DOMException && error.name === "TimeoutError") throw error;
        return undefined;
      });
      return response !== undefined && !PASSING.has(response.status) && response;
    },
    { timeoutMs: INSIST_MS },
  );
}

/** Creates a resource like a client that may lose its connection: repeatedly, with one Idempotency-Key. */
export async function make(origin: Origin, behaviour: Behaviour, ms: number): Promise<Made> {
  const key = randomUUID();
  const { status, headers, body } = await insist(origin, (to) =>
    send(`${to}/api/mixed`, "POST", { configuration: { behaviour, ms } }, { "Idempotency-Key": key }),
  );
  const location = headers.get("Location");
  if (status !== 202 || location === null) throw new Error(`POST gave ${status}: ${JSON.stringify(body)}`);
  const made = { id: String(body["id"]), location, behaviour };
  if (behaviour === "receive" || behaviour.startsWith("whole")) {
    await post(origin, `${location}/word`, { text: made.id });
  }
  if (behaviour === "cancel") await post(origin, `${location}/cancel`);
  return made;
}

async function post(origin: Origin, path: string, body?: unknown): Promise<void> {
  const key = randomUUID();
  await passes(random() * 500);
  const { status, body: problem } = await insist(origin, (to) =>
    send(to + path, "POST", body, { "Idempotency-Key": key }),
  );
  if (status !== 202) throw new Error(`POST ${path} gave ${status}: ${JSON.stringify(problem)}`);
}

/** The findings of a polling client. */
export interface Watching {
  readonly polls: number;
  readonly faults: readonly string[];
}

/** Polls random resources and records every representation that is older than the one before. */
export async function watch(origin: Origin, made: readonly Made[], isOver: () => boolean): Promise<Watching> {
  const last = new Map<string, Watched>();
  const faults: string[] = [];
  let polls = 0;
  while (!isOver()) {
    const one = made[Math.floor(random() * made.length)];
    if (one === undefined) {
      await passes(25);
      continue;
    }
    await passes(10);
    const { status, headers, body } = await insist(origin, (to) => send(to + one.location, "GET"));
    polls += 1;
    if (status !== 200) {
      faults.push(`${one.location}: GET gave ${status}`);
      continue;
    }
    const now = watched(headers, body);
    const before = last.get(one.id);
    if (before !== undefined) faults.push(...goneBack(before, now).map((fault) => `${one.location}: ${fault}`));
    // The progress of a failed attempt is hidden until the next one, and must not come back lower.
    const progress = now.progress ?? (now.attempt === before?.attempt ? before.progress : undefined);
    last.set(one.id, { ...now, progress });
  }
  return { polls, faults };
}

function watched(headers: Headers, body: Record<string, unknown>): Watched {
  const edit = /\.(\d+)-/.exec(headers.get("ETag") ?? "")?.[1];
  return {
    edit: Number(edit),
    attempt: Number(body["attempt"]),
    progress: body["progress"] === undefined ? undefined : percentOf(body["progress"]),
    settled: headers.has("Retry-After") ? undefined : String(body["status"]),
  };
}

function percentOf(progress: unknown): number {
  const percent = typeof progress === "string" ? /^(\d+)%$/.exec(progress)?.[1] : undefined;
  return Number(percent);
}

function goneBack(before: Watched, now: Watched): readonly string[] {
  const faults: string[] = [];
  if (Number.isNaN(now.edit) || now.edit < before.edit) {
    faults.push(`the edit version went from ${before.edit} to ${now.edit}`);
  }
  if (now.attempt < before.attempt) faults.push(`the attempt went from ${before.attempt} to ${now.attempt}`);
  if (before.settled !== undefined && now.settled !== before.settled) {
    faults.push(`settled as ${before.settled}, then ${now.settled}`);
  }
  const sameAttempt = now.attempt === before.attempt && now.settled === undefined;
  if (sameAttempt && now.progress !== undefined && now.progress < (before.progress ?? 0)) {
    faults.push(`progress went from ${before.progress} to ${now.progress} within attempt ${now.attempt}`);
  }
  return faults;
}

/** Waits until a resource is settled, however long that takes, and reads its history. */
export async function readEnd(origin: Origin, made: Made): Promise<Ended> {
  return eventually(
    `${made.location} to settle`,
    async () => {
      const { headers, body } = await insist(origin, (to) =>
        send(to + made.location, "GET", undefined, { Prefer: "wait=10" }),
      );
      if (headers.has("Retry-After")) return undefined;
      const history = await insist(origin, (to) => send(`${to}${made.location}/history?limit=1000`, "GET"));
      const items = history.body["items"];
      if (!Array.isArray(items)) throw new Error(`${made.location}: no history: ${JSON.stringify(history.body)}`);
      return { made, status: String(body["status"]), body, history: items };
    },
    { timeoutMs: SETTLE_MS },
  );
}
