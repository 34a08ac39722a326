import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import { combineEstimates, type Guess, estimateFrom } from "./combine-estimates.ts";
import { FIRST_CLAIM, progressReached, stepReached } from "./milestones.ts";
import { OperationMilestones } from "./operation-milestones.ts";
import { PendingSamples } from "./pending-samples.ts";
import type { Estimates } from "./retry-after.ts";
import { Samples } from "./samples.ts";

export interface EstimatesOptions {
  readonly store: Pick<Store, "durations" | "saveDurations">;
  readonly clock: Clock;
  readonly log: Log;
  /** How often what was learned is stored, and what other nodes learned is read. @default 10000 */
  readonly intervalMs?: number;
}

/** What is known of how long operations take. */
export interface LearnedEstimates extends Estimates, PeriodicTask {
  /** Learns from a row as it was committed. */
  readonly onCommitted: (resource: Resource) => void;
  /** Reads what was learned before. */
  readonly open: () => Promise<void>;
  /** Stores what was learned since the last time, before the store closes. */
  readonly close: () => Promise<void>;
}

/**
 * Learns from the operations of the same type and kind that succeeded: from each, when it reached its marks (steps done, parts of
 * progress) and when it was settled. Three guesses are blended, each counting by how closely its samples agree: how long the
 * runs that lasted at least this long went on, how long they went on after the same step, and which part of their time was
 * gone at the same progress. Work's own estimate wins over all; without samples, progress is taken at its word.
 */
export function createEstimates({
  store,
  clock,
  log,
  intervalMs: everyMs = 10_000,
}: EstimatesOptions): LearnedEstimates {
  const samples = new Samples();
  const operationMilestones = new OperationMilestones();
  const pendingSamples = new PendingSamples();

  const save = async (): Promise<void> => {
    const saving = pendingSamples.take();
    if (saving.length === 0) return;
    try {
      await store.saveDurations(saving);
    } catch (error) {
      pendingSamples.restore(saving);
      throw error;
    }
  };

  const runOnce = async (): Promise<number> => {
    try {
      await save();
      samples.replace(await store.durations());
    } catch (error) {
      log.warn({ error }, "learned durations could not be exchanged with the store; they are kept for the next time");
    }
    return everyMs;
  };

  return {
    estimate(resource, now) {
      const guess = estimateRemaining(samples, resource, now);
      return guess === undefined ? undefined : { remainingMs: guess.middle, logSpread: guess.spread };
    },
    onCommitted(resource) {
      for (const learned of operationMilestones.observe(resource)) {
        samples.add(learned);
        pendingSamples.add(learned);
      }
    },
    async open() {
      samples.replace(await store.durations());
    },
    close: save,
    ...periodicTask(clock, runOnce, everyMs),
  };
}

function estimateRemaining(samples: Samples, resource: Resource, now: number): Guess | undefined {
  const { type, operation } = resource;
  const { kind, estimatedEndAt, startedAt, progress } = operation;
  if (estimatedEndAt !== null) return { middle: Math.max(0, estimatedEndAt - now), spread: WORK_LOG_SPREAD };
  const elapsedMs = startedAt === null ? 0 : Math.max(0, now - startedAt);
  const guesses = [estimateFrom(samples.of(type, kind, FIRST_CLAIM).remaining, 1, elapsedMs)];

  const step = stepReached(resource);
  if (step !== undefined)
    guesses.push(estimateFrom(samples.of(type, kind, step.milestone).remaining, 1, now - step.at));

  const part = progressReached(resource);
  if (part !== undefined && startedAt !== null && progress !== null) {
    const reachedMs = Math.max(part.at - startedAt, 1);
    guesses.push(
      estimateFrom(samples.of(type, kind, part.milestone).ratios, reachedMs, elapsedMs) ??
        linearEstimate(progress, reachedMs, elapsedMs),
    );
  }
  return combineEstimates(guesses.filter((guess) => guess !== undefined));
}

/** Work knows what it is doing, and yet rarely to the second. */
const WORK_LOG_SPREAD = 0.1;

/** What progress says by itself: that time goes as it does. Little is known of how well it does. */
function linearEstimate(progress: number, reachedMs: number, elapsedMs: number): Guess {
  return { middle: Math.max(reachedMs / progress - elapsedMs, 1), spread: 1 };
}
