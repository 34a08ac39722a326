import { parseArgs } from "node:util";

export interface Options {
  /** What was asked for by name; empty for everything. */
  readonly parts: readonly string[];
  readonly rounds: number;
  /** How long each load lasts. */
  readonly seconds: number;
  /** A shorter run, whose numbers say less. */
  readonly quick: boolean;
  /** Only sides whose name contains one of these; empty for all. */
  readonly sides: readonly string[];
}

export const USAGE = `npm run bench -- [part ...] [--quick] [--rounds N] [--seconds N] [--side TEXT ...]
A whole run (no part, no option) writes its tables and plots into docs/; any other into bench/results/ alone.
`;

/** Reads the command line. */
export function readOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      side: { type: "string", multiple: true, default: [] },
    },
  });
  const { quick } = values;
  return {
    parts: positionals,
    quick,
    rounds: countOf("rounds", values.rounds, quick ? 1 : 3),
    seconds: countOf("seconds", values.seconds, quick ? 2 : 4),
    sides: values.side,
  };
}

/** Whether everything runs at its full length, so that the documents may show it. */
export function isWhole({ parts, sides, quick }: Options): boolean {
  return parts.length === 0 && sides.length === 0 && !quick;
}

function countOf(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name}: ${text} is not a whole number above 0`);
}
