import type { Violations } from "../checks/violations.ts";
import type { WorkChecks } from "../checks/work-checks.ts";
import type { MemoryDatabase } from "../store/database.ts";
import type { Boundary } from "../world/boundary.ts";
import type { Chance } from "../world/chance.ts";
import type { Scheduler } from "../world/scheduler.ts";
import type { ExternalSystem } from "./external-system.ts";
import type { Network } from "./simulated-broker.ts";
import type { WebhookReceiver } from "./webhook-receiver.ts";

/** The state of the database server that all nodes share. */
export interface DatabaseState {
  /** Until then, the database is unreachable: calls are lost before or after their effect. */
  unreachableUntil: number;
  /** Until then, the disk is full: writes that need room are refused. */
  fullUntil: number;
  /** Probability that the answer of a call is lost, with or without its effect. */
  lostAnswers: number;
  /** Probability that a message between processes about a change is lost. */
  lostHints: number;
}

/** What all nodes share. */
export interface System {
  readonly scheduler: Scheduler;
  readonly database: MemoryDatabase;
  readonly state: DatabaseState;
  readonly external: ExternalSystem;
  readonly receiver: WebhookReceiver;
  /** True if two versions of the app run side by side. */
  readonly isMixed: boolean;
  /** Called by the work of all nodes. */
  readonly listener: WorkChecks;
  readonly violations: Violations;
  /** The network between servers and workers; undefined if each node has both. */
  readonly network: Network | undefined;
  /** Instant of the database's wall clock. */
  readonly wallClock: () => number;
  /** The process of each worker, by the worker's id. */
  readonly workers: Map<string, Boundary>;
  /** Creates the random choices of one part of the system, which no other part influences. */
  readonly chanceOf: (name: string) => Chance;
  /** True once only the newer of two versions is started any more. */
  isRolledOut: boolean;
  /** The latest instant at which a fault happened or lasted. */
  disturbedAt: number;
}
