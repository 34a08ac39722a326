import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import { combineEstimates, estimateFrom } from "./combine-estimates.ts";
import { FIRST_CLAIM, progressReached, stepReached } from "./milestones.ts";
import { OperationMilestones } from "./operation-milestones.ts";
import { PendingSamples } from "./pending-samples.ts";
import type { Estimate, Estimates } from "./retry-after.ts";
import { Samples } from "./samples.ts";

export interface EstimatesOptions {
  /** Undefined if the store keeps no samples: then each process learns by itself, since its start. */
  readonly reporting: Pick<StoreReporting, "durations" | "saveDurations"> | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Interval at which new samples are stored and those of other nodes are read. @default 10000 */
  readonly intervalMs?: number;
}

/** Estimates that learn from operations which have succeeded. */
export interface LearnedEstimates extends Estimates, PeriodicTask {
  /** Learns from a committed row. */
  readonly onCommitted: (resource: Resource) => void;
  /** Reads the stored samples. */
  readonly open: () => Promise<void>;
  /** Stores the pending samples. Called before the store closes. */
  readonly close: () => Promise<void>;
}

/**
 * Creates estimates from successful operations of the same type and kind. A sample is the time at which an operation
 * reached a milestone (a step, a part of the progress) and the time at which it was settled. Three estimates are
 * combined, weighted by how closely their samples agree: the remaining time of operations that took at least as long,
 * that of operations after the same step, and the ratio of total to elapsed time at the same progress. Work's own
 * estimate overrides them. Without samples, the progress is extrapolated linearly.
 */
export function createEstimates({
  reporting,
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
      await reporting?.saveDurations(saving);
    } catch (error) {
      pendingSamples.restore(saving);
      throw error;
    }
  };

  const load = async (): Promise<void> => {
    if (reporting !== undefined) samples.replace(await reporting.durations());
  };

  const runOnce = async (): Promise<number> => {
    try {
      await save();
      await load();
    } catch (error) {
      warnOfWrite(log, { error }, "failed to exchange duration samples with the store; retrying at the next interval");
    }
    return everyMs;
  };

  return {
    estimate: (resource, now) => estimateRemaining(samples, resource, now),
    onCommitted(resource) {
      for (const sample of operationMilestones.onCommitted(resource)) {
        if (samples.add(sample)) pendingSamples.add(sample);
      }
    },
    open: load,
    close: save,
    ...periodicTask(clock, runOnce, everyMs),
  };
}

function estimateRemaining(samples: Samples, resource: Resource, now: number): Estimate | undefined {
  const { type, operation } = resource;
  const { kind, estimatedEndAt, startedAt, progress } = operation;
  if (estimatedEndAt !== null) return { remainingMs: Math.max(0, estimatedEndAt - now), logSpread: WORK_LOG_SPREAD };
  const elapsedMs = startedAt === null ? 0 : Math.max(0, now - startedAt);
  const estimates = [estimateFrom(samples.of(type, kind, FIRST_CLAIM).remaining, 1, elapsedMs)];

  const step = stepReached(resource);
  if (step !== undefined) {
    estimates.push(estimateFrom(samples.of(type, kind, step.milestone).remaining, 1, now - step.at));
  }

  const part = progressReached(resource);
  if (part !== undefined && startedAt !== null && progress !== null) {
    const reachedMs = Math.max(part.at - startedAt, 1);
    estimates.push(
      estimateFrom(samples.of(type, kind, part.milestone).ratios, reachedMs, elapsedMs) ??
        linearEstimate(progress, reachedMs, elapsedMs),
    );
  }
  const combined = combineEstimates(estimates.filter((estimate) => estimate !== undefined));
  const waitMs = remainingWaitMs(resource, now);
  if (combined === undefined || combined.remainingMs >= waitMs) return combined;
  return { remainingMs: waitMs, logSpread: WORK_LOG_SPREAD };
}

/** Returns the rest of a sleep or of a pause between attempts, which an estimate must not fall below. A message may end other waits. */
function remainingWaitMs({ operation: { dueAt, awaitedMessages } }: Resource, now: number): number {
  return dueAt === null || awaitedMessages.length > 0 ? 0 : dueAt - now;
}

/** Spread of work's own estimate, which is good, but rarely exact. */
const WORK_LOG_SPREAD = 0.1;

/** Extrapolates the progress linearly. The large spread gives it little weight. */
function linearEstimate(progress: number, reachedMs: number, elapsedMs: number): Estimate {
  return { remainingMs: Math.max(reachedMs / progress - elapsedMs, 1), logSpread: 1 };
}
