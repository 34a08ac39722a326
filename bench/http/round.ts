import { z } from "zod";
import { load } from "../load/load.ts";
import type { Round } from "../measure.ts";
import type { Options } from "../options.ts";
import { type RunningSide, type Side, withCpu } from "../sides/side.ts";
import { BODY, JSON_HEADERS } from "../sides/widget.ts";
import { idle } from "./idle.ts";
import type { MeasureName } from "./measures.ts";

/** Warm-up for the JIT compiler. */
const WARM_SECONDS = 2;

/** Runs one round of one side, and yields its numbers by measure. */
export async function* roundOf(
  { isDurable, name }: Side,
  running: RunningSide,
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
  const startedAt = performance.now();
  const posted = await withCpu(running, async () => load({ ...post, connections: 256, seconds }));
  const during = (await running.completed()) - before;
  const loadedMs = performance.now() - startedAt;
  yield ["post", rates(posted)];
  const all = await settled(name, running, before + posted.requests);
  const durationMs = performance.now() - startedAt;
  yield [
    "completed",
    {
      perSecond: (during * 1000) / loadedMs,
      allPerSecond: ((all - before) * 1000) / durationMs,
    },
  ];
}

function rates({ perSecond, p50Ms, p99Ms, cpuUs }: Awaited<ReturnType<typeof load>> & { cpuUs: number }): Round {
  return { perSecond, p50Ms, p99Ms, cpuUs };
}

/** Maximum time to complete accepted work after the last POST. */
const DRAIN_TIMEOUT_MS = 30_000;

/** Waits until all accepted resources are settled. Requests in flight at the end may add a few more. */
async function settled(name: string, { completed }: RunningSide, wanted: number): Promise<number> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const count = await completed();
    if (count >= wanted) return count;
    if (performance.now() > deadline) {
      process.stderr.write(
        `${name}: ${wanted - count} of ${wanted} not completed after ${DRAIN_TIMEOUT_MS / 1000} s\n`,
      );
      return count;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

const REPRESENTATION = z.looseObject({ progress: z.string().optional() });

/** Creates a resource in progress and waits for its first report. Returns its path, and its ETag if the side sends one. */
async function inProgress(origin: string): Promise<{ readonly path: string; readonly tag: string | undefined }> {
  const created = await fetch(`${origin}/api/slow-widgets`, { method: "POST", body: BODY, headers: JSON_HEADERS });
  const path = created.headers.get("Location");
  await created.arrayBuffer();
  if (path === null) throw new Error(`${origin}: POST returned ${created.status} without a Location`);
  for (;;) {
    const response = await fetch(origin + path);
    if (REPRESENTATION.parse(await response.json()).progress !== undefined) {
      return { path, tag: response.headers.get("ETag") ?? undefined };
    }
  }
}
