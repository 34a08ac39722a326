import { replaceIdRandomness } from "../../src/core/ids.ts";
import { DELIVERY_TYPE } from "../../src/core/webhooks/delivery-changes.ts";
import { replaceWebhookTransport } from "../../src/server/webhooks/send.ts";
import { watchChanges } from "./checks/change-checks.ts";
import { DueChecks } from "./checks/due-checks.ts";
import { checkEnd } from "./checks/end-checks.ts";
import { RowChecks } from "./checks/row-checks.ts";
import { Violations } from "./checks/violations.ts";
import { WorkChecks } from "./checks/work-checks.ts";
import { runClient } from "./clients/client.ts";
import { HttpNetwork } from "./clients/http.ts";
import { Ledger } from "./clients/ledger.ts";
import { type FaultCounts, type FaultName, Faults } from "./faults.ts";
import { MemoryDatabase } from "./store/database.ts";
import { ExternalSystem } from "./system/external-system.ts";
import { type Role, SimulatedNode } from "./system/node.ts";
import { Network } from "./system/simulated-broker.ts";
import { DEADLINE_MS, UNDO_DEADLINE_MS } from "./system/steps.ts";
import type { System } from "./system/system.ts";
import { WebhookReceiver } from "./system/webhook-receiver.ts";
import { Chance } from "./world/chance.ts";
import { Scheduler } from "./world/scheduler.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Number of operations that clients begin. */
  readonly operations: number;
  /** Number of clients at a time. @default 40 */
  readonly clients?: number;
  /** Kinds of faults that do not happen. @default none */
  readonly without?: readonly FaultName[];
  /** Causes only the faults before this number. @default all */
  readonly faultsUntil?: number;
  /** Numbers of further faults that are left out. @default none */
  readonly skipped?: readonly number[];
}

export interface SimulationReport {
  readonly seed: number;
  /** The operations that servers have accepted. */
  readonly operations: number;
  readonly requests: number;
  readonly replays: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly faults: FaultCounts;
  /** Number of faults that were chosen, with those that were left out. */
  readonly chosenFaults: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly trace: readonly string[];
}

const STARTED_AT = Date.parse("2026-01-01T00:00:00Z");
const CLIENTS = 40;
/** Number of owners that the clients share. */
const TEAMS = 4;

/** Time after the last fault within which everything settles: deadline, undo, and the grace periods of both. */
const SETTLING_MS = DEADLINE_MS + UNDO_DEADLINE_MS + 300_000;

/** Runs a whole system in virtual time, up to the first broken promise. The seed decides everything that happens. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const chance = new Chance(options.seed);
  const ids = new Chance(chance.seed());
  const restoreIds = replaceIdRandomness((bytes) => bytes.map(() => ids.below(256)));
  const restoreWebhooks = replaceWebhookTransport((request) => WebhookReceiver.send(request));
  try {
    return await run(options, chance);
  } finally {
    restoreIds();
    restoreWebhooks();
  }
}

/** Creates everything that the nodes of a run share. */
function createSystem(chance: Chance, wallClock: (now: number) => number): System & { readonly rows: RowChecks } {
  const scheduler = new Scheduler(new Chance(chance.seed()));
  const database = new MemoryDatabase();
  const violations = new Violations(scheduler);
  const rows = new RowChecks(database, violations);
  const workers: System["workers"] = new Map();
  const seed = chance.seed();
  const hasNetwork = chance.happens(0.5);
  return {
    ...{ scheduler, database, violations, rows, workers },
    external: new ExternalSystem(),
    receiver: new WebhookReceiver(),
    isMixed: chance.happens(0.4),
    network: hasNetwork ? new Network(scheduler, new Chance(chance.seed()), workers) : undefined,
    listener: new WorkChecks(database, rows, violations),
    state: { unreachableUntil: 0, fullUntil: 0, lostAnswers: 0, lostHints: 0 },
    wallClock: () => wallClock(scheduler.now),
    chanceOf: (name) => new Chance(seed ^ hashOf(name)),
    isRolledOut: false,
    disturbedAt: 0,
  };
}

async function run(
  { seed, operations, clients = CLIENTS, without = [], faultsUntil = Infinity, skipped = [] }: SimulationOptions,
  chance: Chance,
): Promise<SimulationReport> {
  let clockMs = STARTED_AT;
  let setForwardAt = Number.NEGATIVE_INFINITY;
  const system = createSystem(chance, (now) => clockMs + now);
  const { scheduler, database, violations, rows, network, external } = system;
  const { triesOf } = watchChanges(system, () => setForwardAt);
  const roles: readonly Role[] =
    network === undefined ? ["all", "all", "all"] : ["server", "server", "worker", "worker"];
  const nodes = roles.map((role, index) => new SimulatedNode(system, role, `${role}${index + 1}`));
  const http = new HttpNetwork(scheduler, system.chanceOf("http"), nodes);
  const ledger = new Ledger(rows, violations);
  let left = operations;
  let isOver = false;
  let areClientsDone = false;
  const client = { scheduler, http, ledger, rows, violations, take: () => left-- > 0, isOver: () => isOver };
  const faults = new Faults({
    ...{ system, nodes, http, chance: system.chanceOf("faults") },
    isOver: () => isOver || areClientsDone,
    isSkipped: (name, index) => without.includes(name) || index >= faultsUntil || skipped.includes(index),
    moveClock(byMs) {
      clockMs += byMs;
      if (byMs > 0) setForwardAt = scheduler.now;
      scheduler.trace.add(scheduler.now, `the clock of the database is set by ${byMs / 1000} s`);
    },
  });
  const hasFailed = (): boolean => violations.found.length > 0;

  for (const node of nodes) node.start();
  new DueChecks(system, nodes).start();
  void faults.run();
  const runs = Array.from({ length: clients }, (_, index) =>
    runClient({
      ...client,
      chance: system.chanceOf(`client ${index}`),
      owner: `team-${index % TEAMS}`,
      name: `${index}`,
    }),
  );
  void Promise.all(runs).then(() => {
    areClientsDone = true;
  });
  await scheduler.run(() => areClientsDone || left <= 0 || hasFailed(), operations * 60_000);
  isOver = true;
  await scheduler.run(() => areClientsDone || hasFailed(), scheduler.now + SETTLING_MS);
  if (!hasFailed()) {
    violations.check(areClientsDone, "every request of a client ends", () => "a client still waits");
    await settle(system, nodes);
  }
  if (!hasFailed()) {
    checkEnd({ database, violations, rows, ledger, receiver: system.receiver, now: system.wallClock() });
    system.listener.checkEffects(external, triesOf);
  }
  const outcomes: Record<string, number> = {};
  for (const { state } of rows.settled.values()) outcomes[state] = (outcomes[state] ?? 0) + 1;
  for (const { boundary } of nodes) boundary?.end();
  return {
    ...{ seed, outcomes, faults: faults.counts, chosenFaults: faults.chosen },
    ...{ requests: http.requests, replays: ledger.replays },
    ...{ operations: ledger.operations.size, virtualMs: scheduler.now, events: scheduler.events },
    violations: violations.found,
    traceHash: scheduler.trace.hash,
    trace: scheduler.trace.latest,
  };
}

/** Lets the system run without faults until nothing is in progress. */
async function settle(system: System, nodes: readonly SimulatedNode[]): Promise<void> {
  const { scheduler, database, violations } = system;
  const until = scheduler.now + SETTLING_MS;
  // An operation of the newer version alone waits for a worker of it.
  system.isRolledOut = system.isMixed;
  if (system.isRolledOut) for (const node of nodes) node.stop(0);
  const restart = (): void => {
    for (const node of nodes) node.start();
    scheduler.after(1000, restart);
  };
  restart();
  // Deliveries that have failed often are tried again after hours.
  const isSettled = (): boolean => [...database.unsettled].every(({ resource }) => resource?.type === DELIVERY_TYPE);
  await scheduler.run(() => isSettled() || violations.found.length > 0, until);
  // Attempts that lost their claim may still end.
  await scheduler.run(() => violations.found.length > 0, scheduler.now + 60_000);
}

function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  return hash;
}
