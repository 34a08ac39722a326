import type { Round } from "../measure.ts";
import type { Options } from "../options.ts";
import type { RunningSide } from "../sides/side.ts";
import { type LifecycleMeasure, LEVELS } from "./measures.ts";
import { runTask } from "./run-task.ts";
import type { Task, TaskResult } from "./task.ts";

/** Connections of the load that exceeds what a side completes. */
const BACKLOG_CONNECTIONS = 256;
/** Concurrency at which the capacity of a side is measured, for the half of it. */
const CAPACITY_LEVEL = 64;

/**
 * Measures lifecycles of a running side at each level, and yields the numbers by measure. Returns the lifecycles per
 * second at the level of the capacity. Leaves at most as many resources in progress as there are connections.
 */
export async function* lifecycleRound(
  running: RunningSide,
  { seconds, quick }: Options,
): AsyncGenerator<readonly [LifecycleMeasure, Round], number> {
  const ports = [running.port];
  await runTask({ ports, mode: "lifecycles", seconds: quick ? 0.5 : 1.5 });
  let capacity = 0;
  for (const connections of LEVELS) {
    const task = { ports, mode: "lifecycles", connections, seconds: quick ? 0.5 : seconds } as const;
    const { coreSeconds, ...result } = await withCoreSeconds(running, task);
    const perSecond = result.settled / result.seconds;
    if (connections === CAPACITY_LEVEL) capacity = perSecond;
    yield [
      `lifecycles${connections}`,
      {
        perSecond,
        perCoreSecond: result.settled / coreSeconds,
        lifecycleMs: result.lifecycleP50Ms,
        p99Ms: result.acceptP99Ms,
      },
    ];
  }
  return capacity;
}

/** Measures a running side at half of its capacity and far above it. Some sides work on for minutes. */
export async function* loadRound(
  running: RunningSide,
  { seconds, quick }: Options,
  capacity: number,
): AsyncGenerator<readonly [LifecycleMeasure, Round]> {
  const ports = [running.port];
  const half = {
    ports,
    mode: "rate",
    connections: 256,
    rate: Math.max(capacity / 2, 1),
    seconds: quick ? 1 : seconds,
  } as const;
  const { acceptP50Ms, acceptP99Ms, accepted } = await runTask(half);
  yield ["half", { p99Ms: acceptP99Ms, p50Ms: acceptP50Ms, rate: half.rate, accepted }];
  yield ["backlog", await backlog(running, { ports, seconds: quick ? 1 : seconds })];
}

/** Measures how many resources are accepted and completed under more load than can be completed. */
async function backlog(running: RunningSide, task: Pick<Task, "ports" | "seconds">): Promise<Round> {
  const before = await running.completed();
  const { accepted, seconds } = await runTask({ ...task, mode: "accept", connections: BACKLOG_CONNECTIONS });
  const completed = (await running.completed()) - before;
  return {
    completedPerSecond: completed / seconds,
    acceptedPerSecond: accepted / seconds,
    backlog: Math.max(0, accepted - completed),
  };
}

/** Measures how many resources are accepted by a side that runs no work. */
export async function acceptRound(running: RunningSide, { seconds, quick }: Options): Promise<Round> {
  const ports = [running.port];
  await runTask({ ports, mode: "accept", seconds: quick ? 0.5 : 1 });
  const task = { ports, mode: "accept", connections: 64, seconds: quick ? 0.5 : seconds } as const;
  const { coreSeconds, accepted, seconds: measured, acceptP50Ms, acceptP99Ms } = await withCoreSeconds(running, task);
  return {
    perSecond: accepted / measured,
    perCoreSecond: accepted / coreSeconds,
    p50Ms: acceptP50Ms,
    p99Ms: acceptP99Ms,
  };
}

/** Runs a task, and adds the CPU time of all processes of the side, its databases included. */
async function withCoreSeconds(
  running: RunningSide,
  task: Parameters<typeof runTask>[0],
): Promise<TaskResult & { readonly coreSeconds: number }> {
  const before = running.coreSeconds();
  const result = await runTask(task);
  return { ...result, coreSeconds: running.coreSeconds() - before };
}
