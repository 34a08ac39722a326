import type { HttpNetwork } from "./clients/http.ts";
import type { SimulatedNode } from "./system/node.ts";
import type { System } from "./system/system.ts";
import type { Chance } from "./world/chance.ts";

/** The kinds of faults, with the maximum of each per minute of virtual time. */
const MAX_RATES = {
  /** A process ends at one of its next calls. */
  crash: 24,
  /** A process stops as in a deploy. */
  stop: 6,
  /** A process is suspended, often for longer than a lease. */
  suspend: 16,
  /** The database is unreachable. */
  outage: 4,
  /** The disk of the database is full. */
  full: 2,
  /** A process is cut off from the broker. */
  cut: 8,
  /** A clock is set. */
  clock: 2,
} as const;

export type FaultName = keyof typeof MAX_RATES;

export const FAULT_NAMES = Object.keys(MAX_RATES).filter((name): name is FaultName => name in MAX_RATES);

/** Counts of the faults that a run has caused. */
export type FaultCounts = Record<FaultName, number>;

export interface FaultParts {
  readonly system: System;
  readonly chance: Chance;
  readonly nodes: readonly SimulatedNode[];
  readonly http: HttpNetwork;
  readonly isOver: () => boolean;
  /** Moves the wall clock of the database. */
  readonly moveClock: (byMs: number) => void;
  /** True for a fault that a shorter version of the run leaves out. */
  readonly isSkipped: (name: FaultName, index: number) => boolean;
}

const TICK_MS = 250;

/** Time in which a running process compares its clock, also if an answer is lost. */
const NOTICE_MS = 12_000;

/**
 * Causes faults until the run is over, and starts processes again. Hostile times alternate with calm ones, in which the
 * system has to catch up.
 */
export class Faults {
  readonly #parts: FaultParts;
  readonly counts: FaultCounts = { crash: 0, stop: 0, suspend: 0, outage: 0, full: 0, cut: 0, clock: 0 };
  /** Number of faults that were chosen, with those that were left out. */
  chosen = 0;
  #steppingUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { system, chance, isOver } = this.#parts;
    const lostHints = chance.pick([0, 0.05, 0.5, 1]);
    Object.assign(system.state, { lostHints });
    if (system.network !== undefined) Object.assign(system.network, { lostHints });
    while (!isOver()) {
      await this.#hostileTime(chance.between(20_000, 90_000));
      if (chance.happens(0.5)) await this.#calmTime(chance.between(60_000, 120_000));
    }
    this.heal();
  }

  /** Ends everything that has a duration. Hints may be lost at all times. */
  heal(): void {
    const { system, http } = this.#parts;
    Object.assign(system.state, { fullUntil: 0, unreachableUntil: 0, lostAnswers: 0 });
    http.lost = 0;
    system.receiver.failing = 0;
    system.network?.heal();
  }

  async #hostileTime(ms: number): Promise<void> {
    const { system, chance, nodes, http, isOver } = this.#parts;
    const { scheduler, state, network, receiver } = system;
    // Some times have no faults of a kind, some have many.
    const rates = FAULT_NAMES.map(
      (name) => [name, chance.happens(0.4) ? 0 : chance.between(0, MAX_RATES[name])] as const,
    );
    http.lost = chance.pick([0, 0.02, 0.1]);
    receiver.failing = chance.pick([0, 0.05, 0.15]);
    state.lostAnswers = chance.pick([0, 0, 0.01, 0.05]);
    if (network !== undefined) {
      network.lost = chance.pick([0, 0.02, 0.1]);
      network.repeated = chance.pick([0, 0.02, 0.1]);
      network.late = chance.pick([0, 0.01, 0.05]);
    }
    const endsAt = scheduler.now + ms;
    while (scheduler.now < endsAt && !isOver()) {
      await scheduler.pause(TICK_MS);
      system.disturbedAt = scheduler.now;
      for (const [name, rate] of rates) {
        // Each tick draws as many numbers as any other, so that one fault less leaves the others as they are.
        const [happens, which, size] = [chance.happens((rate * TICK_MS) / 60_000), chance.next(), chance.next()];
        if (happens) this.#cause(name, which, size);
      }
      for (const node of nodes) if (chance.happens(0.06)) this.#start(node);
    }
  }

  async #calmTime(ms: number): Promise<void> {
    const { system, nodes, isOver } = this.#parts;
    this.heal();
    const endsAt = system.scheduler.now + ms;
    while (system.scheduler.now < endsAt && !isOver()) {
      for (const node of nodes) this.#start(node);
      await system.scheduler.pause(TICK_MS);
    }
  }

  #start(node: SimulatedNode): void {
    if (!this.#isStepping) node.start();
  }

  /** True while a running process may not have noticed yet that the clock was set. */
  get #isStepping(): boolean {
    return this.#parts.system.scheduler.now < this.#steppingUntil;
  }

  /**
   * Sets the clock if a running process can notice it. A step that no process notices before the next one, or before
   * another process starts, cannot be told from time that has passed.
   */
  #setClock(byMs: number): void {
    const { system, nodes, moveClock } = this.#parts;
    const { scheduler, state } = system;
    if (state.unreachableUntil > scheduler.now || !nodes.some((node) => node.staysServing)) return;
    this.#steppingUntil = scheduler.now + NOTICE_MS;
    moveClock(byMs);
  }

  #cause(name: FaultName, which: number, size: number): void {
    if (this.#parts.isSkipped(name, this.chosen++) || this.#isStepping) return;
    this.counts[name]++;
    const { system, nodes } = this.#parts;
    const { scheduler, state, network } = system;
    const node = pick(nodes, which);
    const until = (from: number, to: number): number => scheduler.now + from + (to - from) * size;
    switch (name) {
      case "crash":
        node?.boundary?.endAfter(size < 0.2 ? 0 : Math.ceil(size * 40));
        return;
      case "stop":
        node?.stop(pick([0, 1500, 10_000], size) ?? 0);
        return;
      case "suspend":
        node?.boundary?.suspend(pick([300, 5000, 20_000, 20_000, 30_000, 60_000], size) ?? 0);
        return;
      case "outage":
        state.unreachableUntil = until(100, 20_000);
        scheduler.trace.add(scheduler.now, `the database is unreachable until ${Math.round(state.unreachableUntil)}`);
        return;
      case "full":
        state.fullUntil = until(1000, 30_000);
        scheduler.trace.add(scheduler.now, `the disk is full until ${Math.round(state.fullUntil)}`);
        return;
      case "cut":
        network?.cut(which, 100 + 40_000 * size);
        return;
      case "clock":
        if (which < 0.5 && node !== undefined) node.skewMs += 10_000 * (size - 0.5);
        else this.#setClock(Math.round(14_400_000 * (size - 0.5)));
    }
  }
}

function pick<Value>(values: readonly Value[], position: number): Value | undefined {
  return values[Math.floor(position * values.length)];
}
