import { type Goal, type Measure, median, medianOf, type Round, formatNumber, valuesOf } from "../measure.ts";

/** Result of a run. */
export interface Result {
  readonly at: string;
  readonly machine: readonly string[];
  readonly measures: readonly Measure[];
  /** Skipped sides, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Formats a result: the goals, then a table for each measure. */
export function markdownOf(result: Result, plotOf: (measure: Measure) => string): string {
  const { measures, skipped } = result;
  const goals = measures.flatMap((measure) => measure.goals.map((goal) => goalRow(measure, goal)));
  const left = Object.entries(skipped).map(([side, reason]) => `- Skipped: ${side} (${reason})`);
  return [
    `Measured on ${result.at.slice(0, 10)}:\n`,
    ...result.machine.map((line) => `- ${line}`),
    ...left,
    "\n### Goals\n",
    "| measure | goal | measured | met |\n| --- | --- | --- | --- |",
    ...goals,
    ...measures.map((measure) => `\n### ${capitalize(measure.name)}\n\n${tableOf(measure)}\n${plotOf(measure)}`),
  ].join("\n");
}

function goalRow({ name }: Measure, { goal, measured, isMet }: Goal): string {
  const verdict = isMet === true ? "yes" : "**no**";
  return `| ${name} | ${goal} | ${measured} | ${isMet === undefined ? "-" : verdict} |`;
}

/** Formats one row per side and one column per number: medians, and for the compared number also the spread and the ratio. */
function tableOf(measure: Measure): string {
  const { sides, compared, unit, base } = measure;
  const others = [
    ...new Set(Object.values(sides).flatMap((rounds) => rounds.flatMap((round) => Object.keys(round)))),
  ].filter((name) => name !== compared);
  const ratio = base === undefined ? [] : [`times ${base}`];
  const columns = [
    "side",
    compared.endsWith("erSecond") || compared.startsWith(unit) ? wordsFor(compared) : `${wordsFor(compared)} (${unit})`,
    "spread",
    ...ratio,
    ...others.map(wordsFor),
  ];
  const rows = Object.entries(sides).map(([side, rounds]) => {
    const values = valuesOf(rounds, compared);
    const ratios = base === undefined ? [] : [formatNumber(medianOf(measure, side) / medianOf(measure, base))];
    return [
      side,
      formatNumber(median(values)),
      spreadOf(values),
      ...ratios,
      ...others.map((name) => medianText(rounds, name)),
    ];
  });
  return [columns, columns.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function medianText(rounds: readonly Round[], name: string): string {
  return formatNumber(median(valuesOf(rounds, name)));
}

function spreadOf(values: readonly number[]): string {
  return values.length < 2 ? "-" : `${formatNumber(Math.min(...values))} to ${formatNumber(Math.max(...values))}`;
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
  perCoreSecond: "per core-second",
  lifecycleMs: "p50 of a lifecycle, ms",
  completedPerSecond: "completed per second",
  acceptedPerSecond: "accepted per second",
  backlog: "backlog after the load",
  rate: "requests per second",
  timesOne: "times one node",
  waitingPercent: "claims that wait, %",
  commitsEach: "commits per lifecycle",
  readEach: "rows read by claims per lifecycle",
  sizeMB: "installed",
  startMs: "import, ms",
  pagesPerCommit: "pages per commit",
  walBytes: "WAL bytes",
  walRecords: "WAL records",
  hotPercent: "HOT updates, %",
  changedMs: "of it until all have changed, ms",
};

function wordsFor(name: string): string {
  return WORDS[name] ?? name;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
