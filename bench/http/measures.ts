import { atLeastTimes, below, type Goal, type Measure } from "../measure.ts";
import { OURS, PEERS, RAW } from "../sides/sides.ts";

export type MeasureName = "idle" | "get" | "notModified";

/** Plain node:http that returns the full representation. */
export const FULL_RESPONSE = `${RAW}, 200 with JSON.stringify`;

export const MEASURES: readonly (Omit<Measure, "sides" | "goals"> & { readonly id: MeasureName })[] = [
  { id: "idle", name: "idle: one POST at a time, no-op work", compared: "readyMs", unit: "ms" },
  {
    id: "get",
    name: "GET of a resource in progress, 64 connections",
    compared: "perSecond",
    unit: "/s",
    base: RAW,
  },
  {
    id: "notModified",
    name: "GET answered with 304, 64 connections",
    compared: "perSecond",
    unit: "/s",
    base: FULL_RESPONSE,
  },
];

const POSTGRES_PEERS = [PEERS.graphile, PEERS.bullmq, PEERS.pgBoss, PEERS.dbos];
/** Peers that survive a crash without a loss, on anything but SQLite. */
const SHARED_PEERS = [...POSTGRES_PEERS, PEERS.bullmqAlone, PEERS.restate];

/** Returns the goals of a measure. */
export function goalsOf(id: MeasureName, measure: Omit<Measure, "goals">): readonly Goal[] {
  switch (id) {
    case "get":
      return [atLeastTimes(measure, OURS.sqlite, 0.97, [RAW]), atLeastTimes(measure, OURS.postgres, 3, POSTGRES_PEERS)];
    case "notModified":
      return [atLeastTimes(measure, OURS.sqlite, 1.15, [FULL_RESPONSE])];
    case "idle": {
      const accepted = { ...measure, compared: "acceptedMs" };
      return [
        withPrefix("POST to 202", below(accepted, OURS.sqlite, [PEERS.sqlite])),
        withPrefix("POST to 202", below(accepted, OURS.postgres, POSTGRES_PEERS)),
        withPrefix("POST to Ready", below(measure, OURS.sqlite, [PEERS.sqlite])),
        withPrefix("POST to Ready", below(measure, OURS.postgres, SHARED_PEERS)),
      ];
    }
  }
}

function withPrefix(prefix: string, goal: Goal): Goal {
  return { ...goal, goal: `${prefix}, ${goal.goal}` };
}
