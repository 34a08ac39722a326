import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { DurationSamples } from "../../core/ports/statistics.ts";
import { batch } from "../../core/scheduling/batch.ts";
import type { Connections } from "./connection/connections.ts";
import type { InProgress } from "./read/in-progress.ts";
import { createStatusCounting } from "./read/status-counts.ts";
import { createDurations } from "./tables/durations.ts";
import { createSettled } from "./tables/settled.ts";

export interface ReportingOptions {
  readonly schema: string;
  readonly connections: Connections;
  readonly search: StoreReporting["search"];
  readonly inProgress: Pick<InProgress, "counts">;
  /** Waits for a call at the close, and converts its error. */
  readonly guarded: <Result>(call: Promise<Result>) => Promise<Result>;
}

/** Creates the optional part of the store: searches, counts and statistics. */
export function createReporting({
  schema,
  connections,
  search,
  inProgress,
  guarded,
}: ReportingOptions): StoreReporting {
  const durations = createDurations(schema, connections);
  const statusCounts = createStatusCounting(schema, connections);
  const settled = createSettled(schema, connections);
  const saveSamples = batch<DurationSamples, undefined>(async (samples) => {
    await durations.save(samples);
    return samples.map(() => undefined);
  });
  return {
    search: (query) => guarded(search(query)),
    statusCounts: (query) => guarded(statusCounts(query)),
    inProgressCounts: () => guarded(inProgress.counts()),
    async saveDurations(samples) {
      await guarded(Promise.all(samples.map(saveSamples)));
    },
    durations: () => guarded(durations.read()),
    addSettledCounts: (counts) => guarded(settled.addSettledCounts(counts)),
    settledCounts: (query) => guarded(settled.settledCounts(query)),
  };
}
