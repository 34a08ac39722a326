import type { Measure } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Services } from "./services.ts";
import type { Side } from "./sides/side.ts";

/** What a part runs with. */
export interface Bench {
  readonly options: Options;
  readonly services: Services;
  /** Those that are here and were asked for. */
  readonly sides: readonly Side[];
  /** Says how far the run has come. */
  readonly say: (text: string) => void;
}

/** A part of the benchmark: gives its measures once all its rounds are over. */
export type Part = (bench: Bench) => Promise<readonly Measure[]>;
