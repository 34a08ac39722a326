import { median } from "../measure.ts";
import type { Sample } from "./sample.ts";

/** A series, and its maximum growth. */
interface Bound {
  readonly series: Exclude<keyof Sample, "seconds">;
  readonly factor: number;
  readonly allowance: number;
}

/**
 * Memory, sizes and latencies are compared under the same load, the other series at rest. A heap grows in steps of tens of MiB during a burst and shrinks
 * much later, so short runs are less conclusive.
 */
const UNDER_LOAD: readonly Bound[] = [
  { series: "serverMiB", factor: 1.15, allowance: 64 },
  { series: "heapMiB", factor: 1.25, allowance: 32 },
  { series: "workerMiB", factor: 1.15, allowance: 64 },
  { series: "storeMiB", factor: 1.15, allowance: 16 },
  { series: "walMiB", factor: 1.15, allowance: 16 },
  { series: "deadRows", factor: 1.5, allowance: 20 },
  { series: "getMedianMs", factor: 1.5, allowance: 2 },
  { series: "getP99Ms", factor: 1.5, allowance: 20 },
  { series: "postMedianMs", factor: 1.5, allowance: 2 },
  { series: "postP99Ms", factor: 1.5, allowance: 20 },
];
const AT_REST: readonly Bound[] = [
  { series: "descriptors", factor: 1, allowance: 8 },
  { series: "handles", factor: 1, allowance: 8 },
  { series: "workerDescriptors", factor: 1, allowance: 8 },
  { series: "inProgress", factor: 0, allowance: 0 },
];

export interface SeriesResult {
  readonly description: string;
  readonly isFlat: boolean;
}

export interface SoakSamples {
  /** Sample before the load. */
  readonly first: Sample;
  readonly underLoad: readonly Sample[];
  /** Sample after all clients have finished. */
  readonly last: Sample;
}

/** Compares the last third with the second, and the end with the start. The first third is warm-up. */
export function evaluateGrowth({ first, underLoad, last }: SoakSamples): readonly SeriesResult[] {
  const third = Math.floor(underLoad.length / 3);
  const middle = (from: number, to: number, series: Bound["series"]): number =>
    median(underLoad.slice(from, to).map((sample) => sample[series]));
  return [
    ...UNDER_LOAD.map((bound) =>
      evaluateSeries(bound, middle(third, third * 2, bound.series), middle(third * 2, underLoad.length, bound.series)),
    ),
    ...AT_REST.map((bound) => evaluateSeries(bound, first[bound.series], last[bound.series])),
  ];
}

function evaluateSeries({ series, factor, allowance: more }: Bound, before: number, after: number): SeriesResult {
  const bound = before * factor + more;
  const isFlat = after <= bound;
  const numbers = [before, after, bound].map((value) => value.toFixed(1));
  return { isFlat, description: `${series}: ${numbers[0]} before, ${numbers[1]} after, at most ${numbers[2]}` };
}
