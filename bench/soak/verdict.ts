import { median } from "../measure.ts";
import type { Sample } from "./sample.ts";

/** A series, and by how much it may end above where it was. */
interface Bound {
  readonly series: Exclude<keyof Sample, "seconds">;
  readonly factor: number;
  readonly more: number;
}

/**
 * Memory is compared under the same load, the rest at rest, when nobody asks any more. A heap grows in steps of tens of MiB when a
 * burst comes, and gives them back much later: the short run of a small process says less than the long one of a large.
 */
const UNDER_LOAD: readonly Bound[] = [
  { series: "serverMiB", factor: 1.15, more: 64 },
  { series: "heapMiB", factor: 1.25, more: 32 },
  { series: "workerMiB", factor: 1.15, more: 64 },
];
const AT_REST: readonly Bound[] = [
  { series: "descriptors", factor: 1, more: 8 },
  { series: "handles", factor: 1, more: 8 },
  { series: "workerDescriptors", factor: 1, more: 8 },
  { series: "inProgress", factor: 0, more: 0 },
];

export interface Judged {
  readonly what: string;
  readonly isFlat: boolean;
}

export interface Soaked {
  /** Before anybody asked. */
  readonly first: Sample;
  readonly underLoad: readonly Sample[];
  /** After everybody has what they asked for. */
  readonly last: Sample;
}

/** Compares the last third with the second, and the end with the beginning. The first third warms up. */
export function judge({ first, underLoad, last }: Soaked): readonly Judged[] {
  const third = Math.floor(underLoad.length / 3);
  const middle = (from: number, to: number, series: Bound["series"]): number =>
    median(underLoad.slice(from, to).map((sample) => sample[series]));
  return [
    ...UNDER_LOAD.map((bound) =>
      judged(bound, middle(third, third * 2, bound.series), middle(third * 2, underLoad.length, bound.series)),
    ),
    ...AT_REST.map((bound) => judged(bound, first[bound.series], last[bound.series])),
  ];
}

function judged({ series, factor, more }: Bound, before: number, after: number): Judged {
  const bound = before * factor + more;
  const isFlat = after <= bound;
  const numbers = [before, after, bound].map((value) => value.toFixed(1));
  return { isFlat, what: `${series}: ${numbers[0]} before, ${numbers[1]} after, at most ${numbers[2]}` };
}
