import { z } from "zod";
import type { LifecycleMeasure } from "../lifecycle/measures.ts";
import { lifecycleRound, loadRound } from "../lifecycle/round.ts";
import { load } from "../load/load.ts";
import type { Round } from "../measure.ts";
import type { Options } from "../options.ts";
import { type RunningSide, type Side, withCpu } from "../sides/side.ts";
import { BODY, JSON_HEADERS } from "../sides/widget.ts";
import { idle } from "./idle.ts";
import type { MeasureName } from "./measures.ts";

/** Runs one round of one side, and yields its numbers by measure. */
export async function* roundOf(
  { isDurable }: Side,
  running: RunningSide,
  options: Options,
): AsyncGenerator<readonly [MeasureName | LifecycleMeasure, Round]> {
  const { seconds, quick } = options;
  const { origin } = running;
  const { path, tag } = await inProgress(origin);
  const get = { origin, paths: [path], method: "GET", connections: 64 } as const;
  await load({ ...get, seconds: 1 });
  yield ["get", rates(await withCpu(running, async () => load({ ...get, seconds })))];
  if (tag !== undefined) {
    const conditional = { ...get, headers: { "If-None-Match": tag } };
    yield ["notModified", rates(await withCpu(running, async () => load({ ...conditional, seconds })))];
  }
  if (!isDurable) return;
  const capacity = yield* lifecycleRound(running, options);
  yield ["idle", await idle(running, quick ? 40 : 300, seconds)];
  yield* loadRound(running, options, capacity);
}

function rates({ perSecond, p50Ms, p99Ms, cpuUs }: Awaited<ReturnType<typeof load>> & { cpuUs: number }): Round {
  return { perSecond, p50Ms, p99Ms, cpuUs };
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
