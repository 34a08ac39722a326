import { Sight } from "./ledger.ts";
import { type ClientParts, credentialsOf } from "./parts.ts";
import { annotateTogether, patchTogether, type Used } from "./rivals.ts";
import { tryAsStranger } from "./stranger.ts";
import { write } from "./write.ts";

const TYPES = [
  ...(["machine", "machine", "machine", "approval", "cluster", "poison", "job", "render", "render"] as const),
  ...(["family", "family"] as const),
];

function collectionOf(type: string): string {
  return type.endsWith("y") ? `${type.slice(0, -1)}ies` : `${type}s`;
}

/** A client: it creates a resource, follows and changes it, and begins again. */
export async function runClient(parts: ClientParts): Promise<void> {
  const { scheduler, chance } = parts;
  while (!parts.isOver() && parts.take()) {
    const resource = await create(parts);
    if (resource !== undefined) await use(parts, resource);
    await scheduler.pause(chance.between(1, 2000));
  }
}

async function create(parts: ClientParts): Promise<Used | undefined> {
  const { chance, ledger, rows, violations } = parts;
  const type = chance.pick(TYPES);
  const configuration = {
    size: 1 + chance.below(5),
    sleepMs: chance.pick([0, 0, 0, 500, 500, 500, 10_000, 10_000, 120_000]),
    fails: chance.pick(["never", "never", "flaky", "permanent"]),
    tenant: chance.pick(["a", "b"]),
  };
  const response = await write(parts, {
    method: "POST",
    path: `/api/${collectionOf(type)}`,
    body: { configuration },
  });
  if (response === undefined || response.status === 429) return undefined;
  violations.check(response.status === 202, "a create is accepted", () => `${response.status} ${response.text}`);
  const path = response.headers.get("location")?.replace("http://simulation.example", "") ?? "";
  const id = path.split("/").at(-1) ?? "";
  if (response.status !== 202) return undefined;
  ledger.accept(type, id);
  const sight = new Sight(rows, violations, `${type}/${id}`);
  sight.see(JSON.parse(response.text) as Record<string, unknown>);
  return { type, id, path, sight };
}

/** Follows a resource to the end of its operation, changes it on the way, and begins further operations. */
async function use(parts: ClientParts, used: Used): Promise<void> {
  const { chance } = parts;
  const [, isThere] = await Promise.all([disturb(parts, used), follow(parts, used)]);
  if (!isThere || parts.isOver()) return;
  if (used.type === "machine" && chance.happens(0.6) && parts.take()) {
    const next = chance.pick(["update", "reboot", "rescue", "delete"] as const);
    if (next === "update") await patchTogether(parts, used);
    if (next === "reboot" || next === "rescue") await write(parts, { method: "POST", path: `${used.path}/${next}` });
    if (next === "delete") await remove(parts, used);
    await Promise.all([disturb(parts, used), follow(parts, used)]);
  } else if (used.type === "family" && chance.happens(0.3) && parts.take()) {
    await remove(parts, used);
    await follow(parts, used);
  } else if (chance.happens(0.2) && parts.take()) {
    await write(parts, { method: "POST", path: `${used.path}/retry` });
    await follow(parts, used);
  }
}

/** Changes a resource while its operation is in progress. */
async function disturb(parts: ClientParts, used: Used): Promise<void> {
  const { scheduler, chance } = parts;
  const { type, path } = used;
  await scheduler.pause(chance.between(0, 3000));
  if (type === "approval" && chance.happens(0.8)) {
    const value = { ok: chance.happens(0.8) };
    if (chance.happens(0.5)) await write(parts, { method: "POST", path: `${path}/decision`, body: value });
    else await sendMessages(parts, used, [{ type: "received", data: { name: "decision", value } }]);
  }
  if (type === "job" && chance.happens(0.9)) await runJob(parts, used);
  if (type === "machine" && chance.happens(0.4)) await annotateTogether(parts, used);
  if (chance.happens(0.15)) await write(parts, { method: "POST", path: `${path}/cancel` });
  if (chance.happens(0.1)) await tryAsStranger(parts, used);
  if (chance.happens(0.08)) await remove(parts, used);
}

async function remove(parts: ClientParts, { type, id, path }: Used): Promise<void> {
  parts.ledger.deleteRequests.add(`${type}/${id}`);
  await write(parts, { method: "DELETE", path });
}

/** The process outside of the app: it posts its status. */
async function runJob(parts: ClientParts, used: Used): Promise<void> {
  const fails = parts.chance.happens(0.2);
  await sendMessages(parts, used, [
    { type: "progress", data: { progress: 0.5 } },
    fails
      ? { type: "failed", data: { error: { code: "broken", message: "The job is broken", retryable: false } } }
      : { type: "succeeded", data: { details: { done: ["job"] } } },
  ]);
}

interface SentMessage {
  readonly type: string;
  readonly data: object;
}

/** Posts messages about a resource one after the other, some of them twice. */
async function sendMessages(
  parts: ClientParts,
  { type: of, id }: Used,
  messages: readonly SentMessage[],
): Promise<void> {
  const { scheduler, chance, http, ledger } = parts;
  for (const { type, data } of messages) {
    const body = {
      ...{ specversion: "1.0", id: `message-${ledger.nextNumber()}`, source: `/${of}`, type: `dev.afoot.${type}` },
      ...{ subject: `${of}/${id}`, data },
    };
    const request = {
      ...{ method: "POST", path: "/api/messages", body },
      headers: { ...credentialsOf(), "content-type": "application/cloudevents+json" },
    };
    for (let tries = 1; tries <= 20; tries++) {
      if (chance.happens(0.2)) void http.send(request);
      const response = await http.send(request);
      if (response !== undefined && response.status < 500) break;
      await scheduler.pause(chance.between(10, 3000));
    }
    await scheduler.pause(chance.between(10, 2000));
  }
}

/** Polls until the operation is settled. Returns false if the resource is gone. */
async function follow(parts: ClientParts, { path, sight, type, id }: Used): Promise<boolean> {
  const { scheduler, chance, http, violations, isOver, ledger } = parts;
  let tag: string | undefined;
  for (;;) {
    const isWaiting = chance.happens(0.5);
    const begunAt = sight.begin();
    const response = await http.send({
      method: "GET",
      path,
      headers: {
        ...credentialsOf(parts),
        ...(isWaiting ? { prefer: `wait=${1 + chance.below(10)}` } : {}),
        ...(tag === undefined ? {} : { "if-none-match": tag }),
      },
    });
    if (response?.status === 404 || response?.status === 410) {
      const isDeleted = ledger.deleteRequests.has(`${type}/${id}`);
      const wasDeleted = (parts.rows.states.get(`${type}/${id}`) ?? []).some(({ text }) => text === "gone");
      violations.check(isDeleted || wasDeleted, "nothing accepted is lost", () => `${type}/${id}: 404`);
      return false;
    }
    if (response?.status === 200) {
      sight.see(JSON.parse(response.text) as Record<string, unknown>, begunAt);
      tag = response.headers.get("etag");
      if (!response.headers.has("retry-after")) return true;
    }
    if (response?.status === 304) sight.seeSame(begunAt);
    if (isOver() && chance.happens(0.3)) return false;
    const retryAfter = Number(response?.headers.get("retry-after") ?? 1);
    await scheduler.pause(isWaiting ? 10 : Math.min(5000, retryAfter * 1000) * chance.between(0.2, 1));
  }
}
