import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import { BEGINNING, progressReached, stepReached } from "./milestones.ts";
import { Traces } from "./operation-milestones.ts";
import { Unsaved } from "./pending-samples.ts";
import type { Estimates } from "./retry-after.ts";
import { Samples } from "./samples.ts";
import { blended, type Guess, guessOf } from "./spread.ts";

export interface EstimatesOptions {
  readonly store: Pick<Store, "durations" | "saveDurations">;
  readonly clock: Clock;
  readonly log: Log;
  /** How often what was learned is stored, and what other nodes learned is read. @default 10000 */
  readonly everyMs?: number;
}

/** What is known of how long operations take. */
export interface LearnedEstimates extends Estimates, Recurring {
  /** Learns from a row as it was committed. */
  readonly observe: (resource: Resource) => void;
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
export function createEstimates({ store, clock, log, everyMs = 10_000 }: EstimatesOptions): LearnedEstimates {
  const samples = new Samples();
  const traces = new Traces();
  const unsaved = new Unsaved();

  const save = async (): Promise<void> => {
    const saving = unsaved.take();
    if (saving.length === 0) return;
    try {
      await store.saveDurations(saving);
    } catch (error) {
      unsaved.giveBack(saving);
      throw error;
    }
  };

  const turn = async (): Promise<number> => {
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
      const guess = guessOfAll(samples, resource, now);
      return guess === undefined ? undefined : { remainingMs: guess.middle, spread: guess.spread };
    },
    observe(resource) {
      for (const learned of traces.observe(resource)) {
        samples.add(learned);
        unsaved.add(learned);
      }
    },
    async open() {
      samples.replace(await store.durations());
    },
    close: save,
    ...recurring(clock, turn, everyMs),
  };
}

function guessOfAll(samples: Samples, resource: Resource, now: number): Guess | undefined {
  const { type, operation } = resource;
  const { kind, estimatedEndAt, startedAt, progress } = operation;
  if (estimatedEndAt !== null) return { middle: Math.max(0, estimatedEndAt - now), spread: OWN_SPREAD };
  const elapsedMs = startedAt === null ? 0 : Math.max(0, now - startedAt);
  const guesses = [guessOf(samples.of(type, kind, BEGINNING).remaining, 1, elapsedMs)];

  const step = stepReached(resource);
  if (step !== undefined) guesses.push(guessOf(samples.of(type, kind, step.mark).remaining, 1, now - step.at));

  const part = progressReached(resource);
  if (part !== undefined && startedAt !== null && progress !== null) {
    const reachedMs = Math.max(part.at - startedAt, 1);
    guesses.push(
      guessOf(samples.of(type, kind, part.mark).ratios, reachedMs, elapsedMs) ??
        atItsWord(progress, reachedMs, elapsedMs),
    );
  }
  return blended(guesses.filter((guess) => guess !== undefined));
}

/** Work knows what it is doing, and yet rarely to the second. */
const OWN_SPREAD = 0.1;

/** What progress says by itself: that time goes as it does. Little is known of how well it does. */
function atItsWord(progress: number, reachedMs: number, elapsedMs: number): Guess {
  return { middle: Math.max(reachedMs / progress - elapsedMs, 1), spread: 1 };
}
