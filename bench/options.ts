import { parseArgs } from "node:util";

export interface Options {
  /** Names of the selected parts. Empty for all. */
  readonly parts: readonly string[];
  readonly rounds: number;
  /** Duration of each load. */
  readonly seconds: number;
  /** Runs shorter, with less precise numbers. */
  readonly quick: boolean;
  /** No further part begins after this time. */
  readonly minutes: number;
  /** Texts to select sides by name. Empty for all. */
  readonly sides: readonly string[];
}

export const USAGE = `npm run bench -- [part ...] [--quick] [--rounds N] [--seconds N] [--minutes N] [--side TEXT ...]
A complete run (no part, no option) writes its tables and plots to docs/; other runs write only to bench/results/.
`;

/** Parses the command line. */
export function readOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      minutes: { type: "string" },
      side: { type: "string", multiple: true, default: [] },
    },
  });
  const { quick } = values;
  return {
    parts: positionals,
    quick,
    rounds: positiveInteger("rounds", values.rounds, quick ? 1 : 2),
    seconds: positiveInteger("seconds", values.seconds, quick ? 1 : 2),
    minutes: positiveInteger("minutes", values.minutes, quick ? 4 : 18),
    sides: values.side,
  };
}

/** Returns true if all parts and sides run at full length. Only such results are written to the documents. */
export function isComplete({ parts, sides, quick }: Options): boolean {
  return parts.length === 0 && sides.length === 0 && !quick;
}

function positiveInteger(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name}: ${text} is invalid; it must be an integer above 0`);
}
