/** What one round of one side gave: numbers by name. */
export type Round = Readonly<Record<string, number>>;

export interface Goal {
  readonly goal: string;
  readonly measured: string;
  /** Undefined where a side that it compares with was not there. */
  readonly isMet: boolean | undefined;
}

/** One measure over all its sides. */
export interface Measure {
  readonly name: string;
  /** Of a round's numbers, the one that is compared and plotted, and its unit. */
  readonly compared: string;
  readonly unit: string;
  /** Rounds by side, in the order of the table. */
  readonly sides: Readonly<Record<string, readonly Round[]>>;
  /** To which side the others are related. @default none */
  readonly base?: string;
  readonly goals: readonly Goal[];
}

/** The middle one of the values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** All rounds' values of one number. */
export function valuesOf(rounds: readonly Round[] | undefined, name: string): number[] {
  return (rounds ?? []).map((round) => round[name]).filter((value) => value !== undefined);
}

/** The median of what is compared, by side. */
export function middleOf({ sides, compared }: Pick<Measure, "sides" | "compared">, side: string): number {
  return median(valuesOf(sides[side], compared));
}

/** A number as short as it still says something. */
export function shown(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en").replaceAll(",", " ");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

type Sided = Pick<Measure, "sides" | "compared" | "unit">;

/** That one side reaches at least so many times what another does; with several others, the best of them. */
export function atLeastTimes(measure: Sided, side: string, times: number, others: readonly string[]): Goal {
  const ours = middleOf(measure, side);
  const theirs = best(measure, others);
  const goal = `${side}: at least ${times} times ${others.length === 1 ? others[0] : `the best of ${others.join(", ")}`}`;
  return { goal, ...verdict(ours / theirs, `${shown(ours / theirs)} times`, (ratio) => ratio >= times) };
}

/** That one side needs at most so many times what another does. */
export function atMostTimes(measure: Sided, side: string, times: number, other: string): Goal {
  const ratio = middleOf(measure, side) / middleOf(measure, other);
  const goal = `${side}: at most ${times} times ${other}`;
  return { goal, ...verdict(ratio, `${shown(ratio)} times`, (value) => value <= times) };
}

/** That one side is below each of the others. */
export function below(measure: Sided, side: string, others: readonly string[]): Goal {
  const ours = middleOf(measure, side);
  const theirs = Math.min(...others.map((other) => middleOf(measure, other)).filter((value) => !Number.isNaN(value)));
  const known = Number.isFinite(theirs) ? ours - theirs : NaN;
  const measured = `${shown(ours)} ${measure.unit} beside ${shown(theirs)} ${measure.unit}`;
  return { goal: `${side}: below ${others.join(", ")}`, ...verdict(known, measured, (value) => value < 0) };
}

/** That one side stays under a bound. */
export function under(measure: Sided, side: string, most: number): Goal {
  const ours = middleOf(measure, side);
  const measured = `${shown(ours)} ${measure.unit}`;
  return { goal: `${side}: under ${most} ${measure.unit}`, ...verdict(ours, measured, (value) => value < most) };
}

function best(measure: Sided, sides: readonly string[]): number {
  const there = sides.map((side) => middleOf(measure, side)).filter((value) => !Number.isNaN(value));
  return there.length === 0 ? NaN : Math.max(...there);
}

function verdict(value: number, measured: string, test: (value: number) => boolean): Omit<Goal, "goal"> {
  return Number.isNaN(value) ? { measured: "not measured", isMet: undefined } : { measured, isMet: test(value) };
}
