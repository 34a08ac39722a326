import { randomUUID } from "node:crypto";
import { setTimeout as passes } from "node:timers/promises";
import { isJsonObject } from "../../../src/core/json/json.ts";
import { insist, type Origin } from "../../faults/clients.ts";
import { eventually } from "../../support/eventually.ts";
import { type JsonReply, send } from "../../support/exchange.ts";
import { random } from "../../support/random.ts";

/** The course of a family: what a client does with it, and how it ends. */
export const COURSES = {
  grows: { does: "grows", end: "Whole" },
  deleted: { does: "grows", end: "gone" },
  "deleted in progress": { does: "waits", end: "gone" },
  cancelled: { does: "waits", end: "Cancelled" },
  "child cancelled": { does: "waits", end: "Broken" },
  fails: { does: "fails", end: "Broken" },
  "fails once": { does: "once", end: "Whole" },
} as const;

export type Course = keyof typeof COURSES;

export const COURSE_NAMES = Object.keys(COURSES) as readonly Course[];

export interface MadeFamily {
  readonly id: string;
  readonly course: Course;
}

/** A resource of a list. */
export interface Item {
  readonly id: string;
  readonly status: string;
  /** Path of the parent; undefined without one. */
  readonly parent: string | undefined;
}

const SETTLE_MS = 600_000;

async function get(origin: Origin, path: string, headers: Record<string, string> = {}): Promise<JsonReply> {
  return insist(origin, (to) => send(`${to}/api/${path}`, "GET", undefined, headers));
}

/** Reads all resources of a list. */
export async function listAll(origin: Origin, path: string): Promise<readonly Item[]> {
  const found: Item[] = [];
  let next: unknown = "";
  while (typeof next === "string") {
    const joined = path.includes("?") ? "&" : "?";
    const { body } = await get(origin, `${path}${joined}limit=200${next === "" ? "" : `&after=${next}`}`);
    found.push(...(Array.isArray(body["items"]) ? body["items"].map(itemOf) : []));
    ({ next } = body);
  }
  return found;
}

function itemOf(item: unknown): Item {
  const shown = isJsonObject(item) ? item : {};
  const links = isJsonObject(shown["_links"]) ? shown["_links"] : {};
  const parent = isJsonObject(links["parent"]) ? String(links["parent"]["href"]) : undefined;
  return { id: String(shown["id"]), status: String(shown["status"]), parent };
}

async function change(origin: Origin, method: string, path: string, body?: unknown): Promise<JsonReply> {
  const headers = method === "POST" ? { "Idempotency-Key": randomUUID() } : {};
  return insist(origin, (to) => send(`${to}/api/${path}`, method, body, headers));
}

/** Creates a family, and does to it what its course says. */
export async function makeFamily(origin: Origin, course: Course, ms: number): Promise<MadeFamily> {
  const { does } = COURSES[course];
  const { status, body } = await change(origin, "POST", "families", { configuration: { does, ms } });
  if (status !== 202) throw new Error(`POST gave ${status}: ${JSON.stringify(body)}`);
  return { id: String(body["id"]), course };
}

/** Waits until nothing more happens to a family, and returns how it ended. */
export async function endFamily(origin: Origin, { id, course }: MadeFamily): Promise<string> {
  const path = `families/${id}`;
  if (course === "child cancelled") {
    await cancelFirst(origin, id);
  } else if (course === "cancelled" || course === "deleted in progress") {
    await passes(random() * 300);
    const isCancel = course === "cancelled";
    await (isCancel ? change(origin, "POST", `${path}/cancel`) : change(origin, "DELETE", path));
  }
  const settled = await settledStatus(origin, path);
  if (course !== "deleted") return settled;
  await change(origin, "DELETE", path);
  return settledStatus(origin, path);
}

/** Cancels the first leaf once it waits for its message. */
async function cancelFirst(origin: Origin, id: string): Promise<void> {
  const leaf = await eventually(
    `the leaves of ${id}`,
    async () => {
      const leaves = await listAll(origin, `leaves?parent=family/${id}&status=Growing`);
      const grown = await listAll(origin, `leaves?parent=family/${id}&status=Grown`);
      return leaves.length === 1 && grown.length === 1 && leaves[0];
    },
    { timeoutMs: SETTLE_MS },
  );
  await change(origin, "POST", `leaves/${leaf.id}/cancel`);
}

function settledStatus(origin: Origin, path: string): Promise<string> {
  return eventually(
    `${path} to settle`,
    async () => {
      const { status, headers, body } = await get(origin, path, { Prefer: "wait=10" });
      if (status === 404) return "gone";
      return !headers.has("Retry-After") && String(body["status"]);
    },
    { timeoutMs: SETTLE_MS },
  );
}
