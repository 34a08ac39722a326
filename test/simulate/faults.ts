import type { HttpNetwork } from "./clients/http.ts";
import type { System, SimulatedNode } from "./system/node.ts";

/** How often each fault happens in a run, per minute of virtual time. */
interface FaultRates {
  readonly crash: number;
  readonly stop: number;
  readonly suspend: number;
  readonly outage: number;
  readonly full: number;
  readonly cut: number;
  readonly clock: number;
}

export interface FaultParts {
  readonly system: System;
  readonly nodes: readonly SimulatedNode[];
  readonly http: HttpNetwork;
  readonly isOver: () => boolean;
  /** Moves the wall clock of the database. */
  readonly moveClock: (byMs: number) => void;
}

/** Counts of the faults that a run has caused. */
export type FaultCounts = { -readonly [Name in keyof FaultRates]: number };

/** Chooses how hostile a run is: some have no faults of a kind, some have many. */
function ratesOf({ chance }: System): FaultRates {
  const rate = (max: number): number => (chance.happens(0.4) ? 0 : chance.between(0, max));
  return {
    ...{ crash: rate(6), stop: rate(2), suspend: rate(3), outage: rate(2), full: rate(1), cut: rate(3) },
    clock: chance.happens(0.25) ? 0.3 : 0,
  };
}

/** Causes faults until the run is over, and starts processes again. */
export async function causeFaults(parts: FaultParts, counts: FaultCounts): Promise<void> {
  const { system, nodes, http, isOver } = parts;
  const { scheduler, chance, state, network } = system;
  const rates = ratesOf(system);
  state.lostMessages = chance.pick([0, 0.05, 0.5]);
  http.lost = chance.pick([0, 0.02, 0.1]);
  if (network !== undefined) {
    network.lost = chance.pick([0, 0.02, 0.1]);
    network.repeated = chance.pick([0, 0.02, 0.1]);
  }
  const intervalMs = 250;
  while (!isOver()) {
    await scheduler.pause(intervalMs);
    for (const name of Object.keys(counts) as (keyof FaultCounts)[]) {
      if (!chance.happens((rates[name] * intervalMs) / 60_000)) continue;
      counts[name]++;
      causeFault(parts, name);
    }
    for (const node of nodes) if (node.boundary?.isAlive !== true && chance.happens(0.03)) node.start();
  }
  state.lostMessages = 0;
  state.fullUntil = 0;
  state.unreachableUntil = 0;
  http.lost = 0;
  if (network !== undefined) Object.assign(network, { lost: 0, repeated: 0 });
}

function causeFault({ system, nodes, moveClock }: FaultParts, name: keyof FaultCounts): void {
  const { scheduler, chance, state, network } = system;
  const node = chance.pick(nodes);
  const boundary = node.boundary;
  switch (name) {
    case "crash":
      if (chance.happens(0.2)) boundary?.end();
      else boundary?.endAfter(1 + chance.below(40));
      return;
    case "stop":
      node.stop(chance.pick([0, 1500, 10_000]));
      return;
    case "suspend":
      boundary?.suspend(chance.pick([300, 5000, 25_000, 60_000]));
      return;
    case "outage":
      state.unreachableUntil = scheduler.now + chance.between(100, 20_000);
      scheduler.trace.add(scheduler.now, `database unreachable until ${Math.round(state.unreachableUntil)}`);
      return;
    case "full":
      state.fullUntil = scheduler.now + chance.between(1000, 30_000);
      scheduler.trace.add(scheduler.now, `disk full until ${Math.round(state.fullUntil)}`);
      return;
    case "cut":
      network?.cut(chance.between(100, 40_000));
      return;
    case "clock":
      if (chance.happens(0.5)) node.skewMs += chance.between(-5000, 5000);
      else moveClock(chance.between(-7_200_000, 7_200_000));
  }
}
