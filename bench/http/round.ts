import { z } from "zod";
import { load } from "../load/load.ts";
import type { Round } from "../measure.ts";
import type { Options } from "../options.ts";
import { type Running, type Side, withCpu } from "../sides/side.ts";
import { BODY, JSON_HEADERS } from "../sides/widget.ts";
import { idle } from "./idle.ts";
import type { MeasureName } from "./measures.ts";

/** Code that has not run for a while is not compiled yet. */
const WARM_SECONDS = 2;

/** One round of one side: everything that is asked of it once it runs. */
export async function* roundOf(
  { isDurable, name }: Side,
  running: Running,
  { seconds, quick }: Options,
): AsyncGenerator<readonly [MeasureName, Round]> {
  const { origin } = running;
  const { path, tag } = await inProgress(origin);
  const get = { origin, paths: [path], method: "GET", connections: 64 } as const;
  const post = { origin, paths: ["/api/widgets"], method: "POST", headers: JSON_HEADERS, body: BODY } as const;
  await load({ ...get, seconds: WARM_SECONDS });
  if (isDurable) {
    const { requests } = await load({ ...post, connections: 64, seconds: WARM_SECONDS });
    await settled(name, running, requests);
    yield ["idle", await idle(running, quick ? 30 : 200)];
  }
  yield ["get", rates(await withCpu(running, async () => load({ ...get, seconds })))];
  if (tag !== undefined) {
    const conditional = { ...get, headers: { "If-None-Match": tag } };
    yield ["notModified", rates(await withCpu(running, async () => load({ ...conditional, seconds })))];
  }
  if (!isDurable) return;
  const before = await running.completed();
  const began = performance.now();
  const posted = await withCpu(running, async () => load({ ...post, connections: 256, seconds }));
  const during = (await running.completed()) - before;
  const loadedMs = performance.now() - began;
  yield ["post", rates(posted)];
  const all = await settled(name, running, before + posted.requests);
  const tookMs = performance.now() - began;
  yield [
    "completed",
    {
      perSecond: (during * 1000) / loadedMs,
      allPerSecond: ((all - before) * 1000) / tookMs,
    },
  ];
}

function rates({ perSecond, p50Ms, p99Ms, cpuUs }: Awaited<ReturnType<typeof load>> & { cpuUs: number }): Round {
  return { perSecond, p50Ms, p99Ms, cpuUs };
}

/** How long what was accepted may take to be completed once nothing more is posted. */
const DRAIN_MS = 30_000;

/** Waits until as many are settled as were accepted; a few that were under way at the end may be more. */
async function settled(name: string, { completed }: Running, wanted: number): Promise<number> {
  const until = performance.now() + DRAIN_MS;
  for (;;) {
    const count = await completed();
    if (count >= wanted) return count;
    if (performance.now() > until) {
      process.stderr.write(`${name}: after ${DRAIN_MS / 1000} s ${wanted - count} of ${wanted} were not completed\n`);
      return count;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

const SHOWN = z.looseObject({ progress: z.string().optional() });

/** A resource in progress that has said how far it is, and its entity tag where the side gives one. */
async function inProgress(origin: string): Promise<{ readonly path: string; readonly tag: string | undefined }> {
  const created = await fetch(`${origin}/api/slow-widgets`, { method: "POST", body: BODY, headers: JSON_HEADERS });
  const path = created.headers.get("Location");
  await created.arrayBuffer();
  if (path === null) throw new Error(`${origin}: POST gave no Location, but ${created.status}`);
  for (;;) {
    const answer = await fetch(origin + path);
    if (SHOWN.parse(await answer.json()).progress !== undefined) {
      return { path, tag: answer.headers.get("ETag") ?? undefined };
    }
  }
}
