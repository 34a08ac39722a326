import { replaceIdRandomness } from "../../src/core/ids.ts";
import { isInProgress } from "../../src/core/operation.ts";
import { RowChecks } from "./checks/row-checks.ts";
import { Violations } from "./checks/violations.ts";
import { WorkChecks } from "./checks/work-checks.ts";
import { resetClients, runClient } from "./clients/client.ts";
import { HttpNetwork } from "./clients/http.ts";
import { Ledger } from "./clients/ledger.ts";
import { causeFaults, type FaultCounts } from "./faults.ts";
import { MemoryDatabase } from "./store/database.ts";
import { ExternalSystem } from "./system/external-system.ts";
import { type Role, SimulatedNode, type System } from "./system/node.ts";
import { Network } from "./system/simulated-broker.ts";
import { DEADLINE_MS, UNDO_DEADLINE_MS } from "./system/types.ts";
import { Chance } from "./world/chance.ts";
import { Scheduler } from "./world/scheduler.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Number of operations that clients begin. */
  readonly operations: number;
  /** @default true */
  readonly faults?: boolean;
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
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly trace: readonly string[];
}

const STARTED_AT = Date.parse("2026-01-01T00:00:00Z");

/** Time after the last fault within which everything settles: deadline, undo, and the grace periods of both. */
const SETTLING_MS = DEADLINE_MS + UNDO_DEADLINE_MS + 300_000;

/** Runs a whole system in virtual time. The seed decides everything that happens. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const chance = new Chance(options.seed);
  const restoreIds = replaceIdRandomness((bytes) => bytes.map(() => chance.below(256)));
  resetClients();
  try {
    return await run(options, chance);
  } finally {
    restoreIds();
  }
}

async function run({ seed, operations, faults = true }: SimulationOptions, chance: Chance): Promise<SimulationReport> {
  const scheduler = new Scheduler(new Chance(chance.seed()));
  const database = new MemoryDatabase();
  const violations = new Violations(scheduler);
  const rows = new RowChecks(database, violations);
  const work = new WorkChecks(database, rows, violations);
  const external = new ExternalSystem();
  const network = chance.happens(0.5) ? new Network(scheduler, new Chance(chance.seed())) : undefined;
  let clockMs = STARTED_AT;
  const system: System = {
    ...{ scheduler, chance, database, external, network, listener: work },
    state: { unreachableUntil: 0, fullUntil: 0, lostMessages: 0 },
    wallClock: () => clockMs + scheduler.now,
  };
  const roles: readonly Role[] =
    network === undefined ? ["all", "all", "all"] : ["server", "server", "worker", "worker"];
  const nodes = roles.map((role, index) => new SimulatedNode(system, role, `${role}${index + 1}`));
  const http = new HttpNetwork(scheduler, new Chance(chance.seed()), nodes);
  const ledger = new Ledger(rows, violations);

  let left = operations;
  let isOver = false;
  const take = (): boolean => left-- > 0;
  const client = { scheduler, http, ledger, rows, violations, take, isOver: () => isOver };
  const counts: FaultCounts = { crash: 0, stop: 0, suspend: 0, outage: 0, full: 0, cut: 0, clock: 0 };
  for (const node of nodes) node.start();
  const clients = Array.from({ length: 12 }, () => runClient({ ...client, chance: new Chance(chance.seed()) }));
  let areClientsDone = false;
  void Promise.all(clients).then(() => {
    areClientsDone = true;
  });
  const moveClock = (byMs: number): void => {
    clockMs += byMs;
  };
  const isStopped = (): boolean => isOver || areClientsDone;
  if (faults) void causeFaults({ system, nodes, http, moveClock, isOver: isStopped }, counts);
  await scheduler.run(() => areClientsDone || left <= 0, operations * 60_000);
  isOver = true;
  await scheduler.run(() => areClientsDone, scheduler.now + SETTLING_MS);
  violations.check(areClientsDone, "every request of a client ends", () => "a client still waits");
  await settle(system, nodes);
  checkEnd({ database, violations, rows, ledger });
  work.checkEffects(external);
  const outcomes: Record<string, number> = {};
  for (const { state } of rows.settled.values()) outcomes[state] = (outcomes[state] ?? 0) + 1;
  for (const { boundary } of nodes) boundary?.end();
  return {
    ...{ seed, faults: counts, outcomes, requests: http.requests, replays: ledger.replays },
    ...{ operations: ledger.operations.size, virtualMs: scheduler.now, events: scheduler.events },
    violations: violations.found,
    traceHash: scheduler.trace.hash,
    trace: scheduler.trace.latest,
  };
}

/** Heals everything, and lets the system run until nothing is in progress. */
async function settle({ scheduler, database }: System, nodes: readonly SimulatedNode[]): Promise<void> {
  const until = scheduler.now + SETTLING_MS;
  const restart = (): void => {
    for (const node of nodes) node.start();
    scheduler.after(1000, restart);
  };
  restart();
  await scheduler.run(() => database.unsettled.size === 0, until);
  // Attempts that lost their claim may still end.
  await scheduler.run(() => false, scheduler.now + 60_000);
}

interface EndParts {
  readonly database: MemoryDatabase;
  readonly violations: Violations;
  readonly rows: RowChecks;
  readonly ledger: Ledger;
}

/** Checks the state after the last fault. */
function checkEnd({ database, violations, rows, ledger }: EndParts): void {
  for (const { resource } of database.unsettled) {
    if (resource === undefined) continue;
    const { type, id, operation } = resource;
    violations.check(
      !isInProgress(operation),
      "every operation settles by its deadline plus undo",
      () => `${type}/${id} ${operation.kind} ${operation.state}`,
    );
  }
  for (const operation of ledger.operations) {
    violations.check(rows.settled.has(operation), "an accepted operation has an outcome", () => operation);
  }
  for (const [key, { type, id, metadata }] of ledger.accepted) {
    const resource = database.read({ type, id });
    violations.check(resource !== undefined, "nothing accepted is lost", () => key);
    if (resource === undefined || resource.deletedAt !== null) continue;
    const stored = JSON.parse(resource.metadata ?? "{}") as Record<string, string>;
    for (const [name, value] of metadata) {
      violations.check(stored[name] === value, "no update is lost", () => `${key}: ${name}=${value}`);
    }
  }
}
