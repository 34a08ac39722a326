/** Numbers of one round of one side, by name. */
export type Round = Readonly<Record<string, number>>;

export interface Goal {
  readonly goal: string;
  readonly measured: string;
  /** Undefined if a compared side was not measured. */
  readonly isMet: boolean | undefined;
}

/** One measure with the rounds of all sides. */
export interface Measure {
  readonly name: string;
  /** Name of the number that is compared and plotted. `unit` is its unit. */
  readonly compared: string;
  readonly unit: string;
  /** Rounds by side, in the order of the table. */
  readonly sides: Readonly<Record<string, readonly Round[]>>;
  /** Side that the ratios of the others refer to. @default none */
  readonly base?: string;
  /** Part of the benchmark, set when it has run. */
  readonly part?: string;
  readonly goals: readonly Goal[];
}

/** Returns the median. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Returns the values of one number in all rounds. */
export function valuesOf(rounds: readonly Round[] | undefined, name: string): number[] {
  return (rounds ?? []).map((round) => round[name]).filter((value) => value !== undefined);
}

/** Returns the median of the compared number of a side. */
export function medianOf({ sides, compared }: Pick<Measure, "sides" | "compared">, side: string): number {
  return median(valuesOf(sides[side], compared));
}

/** Formats a number with three significant digits. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en").replaceAll(",", " ");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

type ComparedMeasure = Pick<Measure, "sides" | "compared" | "unit">;

/** Goal: one side reaches at least a multiple of another side, or of the best of several. */
export function atLeastTimes(measure: ComparedMeasure, side: string, times: number, others: readonly string[]): Goal {
  const ours = medianOf(measure, side);
  const theirs = bestOf(measure, others);
  const goal = `${side}: at least ${times} times ${others.length === 1 ? others[0] : `the best of ${others.join(", ")}`}`;
  return { goal, ...goalResult(ours / theirs, `${formatNumber(ours / theirs)} times`, (ratio) => ratio >= times) };
}

/** Goal: one side needs at most a multiple of another side. */
export function atMostTimes(measure: ComparedMeasure, side: string, times: number, other: string): Goal {
  const ratio = medianOf(measure, side) / medianOf(measure, other);
  const goal = `${side}: at most ${times} times ${other}`;
  return { goal, ...goalResult(ratio, `${formatNumber(ratio)} times`, (value) => value <= times) };
}

/** Goal: one side is below all others. */
export function below(measure: ComparedMeasure, side: string, others: readonly string[]): Goal {
  const ours = medianOf(measure, side);
  const theirs = Math.min(...others.map((other) => medianOf(measure, other)).filter((value) => !Number.isNaN(value)));
  const known = Number.isFinite(theirs) ? ours - theirs : NaN;
  const measured = `${formatNumber(ours)} ${measure.unit} beside ${formatNumber(theirs)} ${measure.unit}`;
  return { goal: `${side}: below ${others.join(", ")}`, ...goalResult(known, measured, (value) => value < 0) };
}

/** Goal: one side stays under a bound. */
export function under(measure: ComparedMeasure, side: string, max: number): Goal {
  const ours = medianOf(measure, side);
  const measured = `${formatNumber(ours)} ${measure.unit}`;
  return { goal: `${side}: under ${max} ${measure.unit}`, ...goalResult(ours, measured, (value) => value < max) };
}

function bestOf(measure: ComparedMeasure, sides: readonly string[]): number {
  const measured = sides.map((side) => medianOf(measure, side)).filter((value) => !Number.isNaN(value));
  return measured.length === 0 ? NaN : Math.max(...measured);
}

function goalResult(value: number, measured: string, test: (value: number) => boolean): Omit<Goal, "goal"> {
  return Number.isNaN(value) ? { measured: "not measured", isMet: undefined } : { measured, isMet: test(value) };
}
