import { atLeastTimes, below, type Goal, type Measure } from "../measure.ts";
import { DURABLE_PEERS, OURS, PEERS } from "../sides/sides.ts";

/** Lifecycles in progress at a time, which is the number of connections. */
export const LEVELS = [1, 16, 64, 256] as const;

export type LifecycleMeasure = `lifecycles${(typeof LEVELS)[number]}` | "half" | "backlog" | "accept";

type Described = Omit<Measure, "sides" | "goals"> & { readonly id: LifecycleMeasure };

export const LIFECYCLE_MEASURES: readonly Described[] = [
  ...LEVELS.map((level): Described => ({
    id: `lifecycles${level}`,
    name: `lifecycles, ${level} ${level === 1 ? "connection" : "connections"}`,
    compared: "perSecond",
    unit: "/s",
  })),
  { id: "half", name: "202 at half load", compared: "p99Ms", unit: "ms" },
  { id: "backlog", name: "backlog: 256 connections that do not wait", compared: "completedPerSecond", unit: "/s" },
  { id: "accept", name: "accepting alone, workers off, 64 connections", compared: "perSecond", unit: "/s" },
];

/** Returns the goals of a measure. */
export function lifecycleGoals(id: LifecycleMeasure, measure: Omit<Measure, "goals">): readonly Goal[] {
  if (id === "lifecycles256") {
    return [
      atLeastTimes(measure, OURS.sqlite, 10, [PEERS.sqlite]),
      atLeastTimes(measure, OURS.postgres, 50, [PEERS.graphile]),
      atLeastTimes(measure, OURS.postgres, 10, [PEERS.bullmq]),
    ];
  }
  if (id === "half") {
    return [
      below(measure, OURS.sqlite, [PEERS.sqlite]),
      below(
        measure,
        OURS.postgres,
        DURABLE_PEERS.filter((name) => name !== PEERS.sqlite),
      ),
    ];
  }
  return [];
}
