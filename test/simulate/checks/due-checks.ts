import { isInProgress } from "../../../src/core/operation.ts";
import type { Resource } from "../../../src/core/resource.ts";
import type { MemoryDatabase } from "../store/database.ts";
import type { SimulatedNode } from "../system/node.ts";
import { EXTERNAL_TYPE } from "../system/steps.ts";
import type { System } from "../system/system.ts";
import { NEW_ACTION } from "../system/types.ts";

/** Time after the last fault in which clocks are compared, leases expire, and the longest pauses between claims end. */
const RECOVERY_MS = 45_000;

/** Maximum time for which an operation may be due: an expired lease, a pause between polls, and a request that is repeated. */
const MAX_DUE_MS = 30_000;

const INTERVAL_MS = 1000;

/** Checks in calm times that all that is due begins, and that no wait outlives what it waits for. */
export class DueChecks {
  readonly #system: System;
  readonly #nodes: readonly SimulatedNode[];
  /** The instant from which each operation waits in vain. */
  #since = new Map<string, number>();

  constructor(system: System, nodes: readonly SimulatedNode[]) {
    this.#system = system;
    this.#nodes = nodes;
  }

  start(): void {
    this.#system.scheduler.after(INTERVAL_MS, () => {
      this.#check();
      this.start();
    });
  }

  #check(): void {
    const { scheduler, database, violations } = this.#system;
    if (!this.#nodes.every((node) => node.isRunning)) this.#system.disturbedAt = scheduler.now;
    const { disturbedAt } = this.#system;
    const before = this.#since;
    this.#since = new Map();
    for (const { resource } of database.unsettled) {
      if (resource === undefined) continue;
      const reason = this.#delayOf(resource);
      if (reason === undefined) continue;
      const key = `${resource.operation.id} ${reason}`;
      const since = Math.max(before.get(key) ?? scheduler.now, disturbedAt + RECOVERY_MS);
      this.#since.set(key, since);
      violations.check(
        scheduler.now - since < MAX_DUE_MS,
        "due work is claimed within lease plus backoff",
        () => `${resource.type}/${resource.id} ${resource.operation.id}: ${reason}`,
      );
    }
  }

  /** Returns for what an operation waits although nothing keeps it from going on. */
  #delayOf({ type, operation }: Resource): string | undefined {
    const { database, wallClock, workers } = this.#system;
    const { dueAt, worker, turn, state, awaitedMessages } = operation;
    if (worker === null && (type === EXTERNAL_TYPE || operation.kind === NEW_ACTION)) return undefined;
    if (worker !== null) return workers.get(worker)?.isAlive === false ? `its worker ${worker} is dead` : undefined;
    if (dueAt !== null && dueAt <= wallClock()) {
      return turn !== null && isTurnTaken(database, type, turn) ? undefined : `due, ${state}, and not claimed`;
    }
    const children = awaitedMessages.filter((name) => name.startsWith("child:"));
    const isAwaited = children.some((name) => {
      const child = database.rows.get(name.slice("child:".length))?.resource;
      return child !== undefined && child.deletedAt === null && isInProgress(child.operation);
    });
    return children.length > 0 && !isAwaited && dueAt === null ? "its children are settled" : undefined;
  }
}

function isTurnTaken({ unsettled }: MemoryDatabase, type: string, turn: string): boolean {
  return [...unsettled].some(
    ({ resource }) => resource?.type === type && resource.operation.turn === turn && resource.operation.worker !== null,
  );
}
