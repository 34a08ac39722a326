import { setTimeout as realTimeout } from "node:timers/promises";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { withContext, withFunctions } from "./wrapped-work.ts";

/** Real time without activity after which a running step that uses nothing real counts as hanging. */
const HANG_MS = 1000;
/** The same for a step that uses a socket, a timer or another resource of the platform. */
const MAX_REAL_MS = 60_000;
/** The same once the signal is aborted: work that passes it on reacts at once. */
const MAX_REAL_ABORTED_MS = 500;

let ownTimers = 0;

/** Waits in real time, without counting as a resource of a step. */
export async function realPause(ms: number): Promise<void> {
  ownTimers++;
  try {
    await realTimeout(ms);
  } finally {
    ownTimers--;
  }
}

/** The functions of steps, undos and checks that run in one attempt, and whether they wait for something real. */
export class RunningSteps {
  #count = 0;
  #resourcesBefore: ResourceCounts = new Map();

  /** Returns the type with work that is tracked here. */
  track(type: ResourceType): ResourceType {
    return withContext(type, (context) => withFunctions(context, (_call, run) => this.#trackFunction(run)));
  }

  /**
   * Returns true while a function runs that may wait for something real, so that virtual time must stand still.
   *
   * @param sinceMs real time since the last activity
   * @param hasVirtualTimers true if a function may wait for virtual time instead
   */
  isReal(sinceMs: number, hasVirtualTimers: boolean, isAborted: boolean): boolean {
    if (this.#count === 0) return false;
    const maxMs = isAborted ? MAX_REAL_ABORTED_MS : MAX_REAL_MS;
    if (hasMore(activeResources(), this.#resourcesBefore)) return sinceMs < maxMs;
    return !hasVirtualTimers && sinceMs < HANG_MS;
  }

  #trackFunction<Run, Result>(run: (run: Run) => Result | Promise<Result>): (run: Run) => Promise<Result> {
    return async (given) => {
      if (this.#count++ === 0) this.#resourcesBefore = activeResources();
      try {
        return await run(given);
      } finally {
        this.#count--;
      }
    };
  }
}

/**
 * Numbers of sockets, timers, file requests and the like that keep the process alive, by type. One number for all types would hide a
 * timer of this step behind a kept connection of an earlier one that closes meanwhile.
 */
type ResourceCounts = ReadonlyMap<string, number>;

function activeResources(): ResourceCounts {
  const counts = new Map<string, number>([["Timeout", -ownTimers]]);
  for (const type of process.getActiveResourcesInfo()) {
    if (type !== "Immediate") counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/** Returns true if there are more resources of any type than before. */
function hasMore(now: ResourceCounts, before: ResourceCounts): boolean {
  return now.entries().some(([type, count]) => count > (before.get(type) ?? 0));
}
