import { type Goal, type Measure, median, middleOf, type Round, shown, valuesOf } from "../measure.ts";

/** What a run gave, for people and for programs. */
export interface Result {
  readonly at: string;
  readonly machine: readonly string[];
  readonly measures: readonly Measure[];
  /** Sides that were left out, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** The whole result: goals first, then a table for each measure. */
export function markdownOf(result: Result, plotOf: (measure: Measure) => string): string {
  const { measures, skipped } = result;
  const goals = measures.flatMap((measure) => measure.goals.map((goal) => goalRow(measure, goal)));
  const left = Object.entries(skipped).map(([side, reason]) => `- Left out: ${side} (${reason})`);
  return [
    `Measured on ${result.at.slice(0, 10)}:\n`,
    ...result.machine.map((line) => `- ${line}`),
    ...left,
    "\n### Goals\n",
    "| measure | goal | measured | met |\n| --- | --- | --- | --- |",
    ...goals,
    ...measures.map((measure) => `\n### ${capital(measure.name)}\n\n${tableOf(measure)}\n${plotOf(measure)}`),
  ].join("\n");
}

function goalRow({ name }: Measure, { goal, measured, isMet }: Goal): string {
  const verdict = isMet === true ? "yes" : "**no**";
  return `| ${name} | ${goal} | ${measured} | ${isMet === undefined ? "-" : verdict} |`;
}

/** One row for each side, one column for each number: medians, and of what is compared the spread and the ratio. */
function tableOf(measure: Measure): string {
  const { sides, compared, unit, base } = measure;
  const others = [
    ...new Set(Object.values(sides).flatMap((rounds) => rounds.flatMap((round) => Object.keys(round)))),
  ].filter((name) => name !== compared);
  const ratio = base === undefined ? [] : [`times ${base}`];
  const columns = [
    "side",
    `${worded(compared)}${compared === "perSecond" ? "" : ` (${unit})`}`,
    "spread",
    ...ratio,
    ...others.map(worded),
  ];
  const rows = Object.entries(sides).map(([side, rounds]) => {
    const values = valuesOf(rounds, compared);
    const related = base === undefined ? [] : [shown(middleOf(measure, side) / middleOf(measure, base))];
    return [side, shown(median(values)), spreadOf(values), ...related, ...others.map((name) => middle(rounds, name))];
  });
  return [columns, columns.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function middle(rounds: readonly Round[], name: string): string {
  return shown(median(valuesOf(rounds, name)));
}

function spreadOf(values: readonly number[]): string {
  return values.length < 2 ? "-" : `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`;
}

const WORDS: Readonly<Record<string, string>> = {
  perSecond: "per second",
  p50Ms: "p50 ms",
  p99Ms: "p99 ms",
  cpuUs: "CPU µs per answer",
  acceptedMs: "until 202, ms",
  readyMs: "until Ready is seen",
  allPerSecond: "per second, with what was left over",
  heapKB: "heap of it, kB",
  residentKB: "resident each",
  residentMB: "resident",
  msEach: "each",
  longestMs: "longest ms",
  answerMs: "until the first answer",
  wokenMs: "until all are answered",
  changedMs: "of it until all have changed, ms",
};

function worded(name: string): string {
  return WORDS[name] ?? name;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
