import type { Measure } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Services } from "./services.ts";
import type { Side } from "./sides/side.ts";

/** Input of a part of the benchmark. */
export interface Bench {
  readonly options: Options;
  readonly services: Services;
  /** Selected sides that can run on this machine. */
  readonly sides: readonly Side[];
  /** Prints the progress of the run. */
  readonly log: (text: string) => void;
}

/** A part of the benchmark. Resolves to its measures after all rounds. */
export type Part = (bench: Bench) => Promise<readonly Measure[]>;
