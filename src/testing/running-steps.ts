import { setImmediate as nextTick, setTimeout as realTimeout } from "node:timers/promises";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { withContext, withFunctions } from "./wrapped-work.ts";

/** Real time without activity in an attempt after which the virtual clock advances. */
const IDLE_MS = 10;
/** Further event-loop ticks without activity, because a busy machine may delay an attempt. */
const IDLE_TICKS = 100;
/** Real time without activity after which a running step that uses nothing real counts as hanging. */
const HANG_MS = 1000;
/** The same for a step that uses a socket, a timer or another resource of the platform. */
const MAX_REAL_MS = 60_000;
/** The same until the worker warns of an ignored signal: work that passes its signal on reacts at once. */
const MAX_REAL_ABORTED_MS = 500;

let ownTimers = 0;

/** Waits in real time, without counting as a resource of a step. */
async function realPause(ms: number): Promise<void> {
  ownTimers++;
  try {
    await realTimeout(ms);
  } finally {
    ownTimers--;
  }
}

/** The functions of steps, undos and checks that run in one attempt, and whether they wait for something real. */
export class RunningSteps {
  /** Number of running functions. */
  count = 0;
  #resourcesBefore: ResourceCounts = new Map();

  /** Returns the type with work that is tracked here. */
  track(type: ResourceType): ResourceType {
    return withContext(type, (context) => withFunctions(context, (_call, run) => this.#trackFunction(run)));
  }

  /**
   * Returns true while a function runs that may wait for something real, so that virtual time must stand still.
   *
   * @param sinceMs real time since the last activity
   */
  isReal(sinceMs: number, { hasVirtualTimers, isAborted }: ObservedActivity): boolean {
    if (this.count === 0) return false;
    const maxMs = isAborted ? MAX_REAL_ABORTED_MS : MAX_REAL_MS;
    if (hasMore(activeResources(), this.#resourcesBefore)) return sinceMs < maxMs;
    return !hasVirtualTimers && sinceMs < HANG_MS;
  }

  #trackFunction<Run, Result>(run: (run: Run) => Result | Promise<Result>): (run: Run) => Promise<Result> {
    return async (given) => {
      if (this.count++ === 0) this.#resourcesBefore = activeResources();
      try {
        return await run(given);
      } finally {
        this.count--;
      }
    };
  }
}

/** The activity of an attempt. */
export interface ObservedActivity {
  /** Counter of all activity. */
  readonly count: number;
  /** True if a function may wait for virtual time. */
  readonly hasVirtualTimers: boolean;
  /** True if the signal is aborted, and the worker has not warned yet that the work ignores it. */
  readonly isAborted: boolean;
}

/** Resolves once nothing happens in the attempt, and no step waits for something real. */
export async function untilIdle(
  steps: RunningSteps,
  observe: () => ObservedActivity,
  signal: AbortSignal,
): Promise<"idle"> {
  let { count } = observe();
  let since = performance.now();
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    // A fake that waits for the virtual clock needs no real time.
    const isVirtual = isFirst && steps.count > 0 && !steps.isReal(0, observe());
    if (!isVirtual) await realPause(IDLE_MS);
    for (let ticks = 0; ticks < IDLE_TICKS && !signal.aborted; ticks++) await nextTick();
    const observed = observe();
    if (observed.count !== count) {
      ({ count } = observed);
      since = performance.now();
    } else if (!steps.isReal(performance.now() - since, observed)) return "idle";
  }
  return "idle";
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
