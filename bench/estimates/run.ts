// How good the learned time remaining is, and what following to the end costs by it: computed on drawn runs with the server's own
// code, so the numbers are the same on every machine.
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { createEstimates, type LearnedEstimates } from "../../src/server/timing/estimates.ts";
import { retryAfterSeconds } from "../../src/server/timing/retry-after.ts";
import type { Bench } from "../bench.ts";
import { type Goal, type Measure, median, type Round, shown } from "../measure.ts";
import { DISTRIBUTIONS, type Distribution, draw, type Run, rowOf, seeded } from "./runs.ts";

const LEARNED = 50;
const MEASURED = 400;

const OURS = "our Retry-After";

/** The error of the estimates, and the requests of following by them. */
export async function runEstimates({ say }: Bench): Promise<readonly Measure[]> {
  say("estimates");
  return DISTRIBUTIONS.flatMap((distribution) => {
    const random = seeded(1);
    const estimates = learned(distribution, random);
    const runs = Array.from({ length: MEASURED }, () => draw(distribution, random));
    return [errors(distribution, estimates, runs, random), following(distribution, estimates, runs, random)];
  });
}

function learned(distribution: Distribution, random: () => number): LearnedEstimates {
  const estimates = createEstimates({
    store: { durations: async () => [], saveDurations: async () => {} },
    clock: systemClock,
    log: silentLog,
  });
  for (let run = 0; run < LEARNED; run++) for (const row of draw(distribution, random).rows) estimates.onCommitted(row);
  return estimates;
}

/** The error of an estimate, as a part of the whole run, at ten instants of each. */
function errors(
  { name }: Distribution,
  estimates: LearnedEstimates,
  runs: readonly Run[],
  random: () => number,
): Measure {
  const ours: number[] = [];
  const naive: number[] = [];
  for (const run of runs) {
    for (let instant = 0; instant < 10; instant++) {
      const now = random() * run.totalMs;
      const row = rowOf(run, now);
      const { progress } = row.operation;
      const trueMs = run.totalMs - now;
      if (progress === null) continue;
      naive.push(Math.abs(now / progress - now - trueMs) / run.totalMs);
      ours.push(Math.abs((estimates.estimate(row, now)?.remainingMs ?? NaN) - trueMs) / run.totalMs);
    }
  }
  const sides = { learned: [percent(ours)], "elapsed time by progress": [percent(naive)] };
  return { name: `error of the time remaining: ${name}`, compared: "median", unit: "% of the run", sides, goals: [] };
}

function percent(parts: readonly number[]): Round {
  return { median: median(parts) * 100 };
}

interface Followed {
  readonly requests: number;
  readonly delayMs: number;
}

type Pause = (run: Run, now: number, asked: number) => number;

/** Asks again and again after the pause, until the run is settled. */
function follow(run: Run, pause: Pause): Followed {
  let now = 0;
  for (let asked = 1; ; asked++) {
    now += pause(run, now, asked);
    if (now >= run.totalMs) return { requests: asked, delayMs: now - run.totalMs };
  }
}

function summary(runs: readonly Run[], pause: Pause): Round {
  const followed = runs.map((run) => follow(run, pause));
  const delays = followed.map(({ delayMs }) => delayMs / 1000);
  return {
    requests: mean(followed.map((each) => each.requests)),
    "delay to notice, mean s": mean(delays),
    "delay to notice, median s": median(delays),
  };
}

/** Beside fixed and exponential schemes as they are common, and such as notice the end as soon as ours on the average. */
function following(
  { name }: Distribution,
  estimates: LearnedEstimates,
  runs: readonly Run[],
  random: () => number,
): Measure {
  const ours = summary(runs, (run, now) => {
    const row = rowOf(run, now);
    return retryAfterSeconds(row, estimates.estimate(row, now), now) * 1000;
  });
  const delay = ours["delay to notice, mean s"] ?? NaN;
  const equal = [
    [
      "fixed",
      (ms: number): Pause =>
        () =>
          ms,
    ],
    ...GROWTHS.map((growth) => [`exponential by ${growth}`, exponential(growth)] as const),
  ] as const;
  const sides: Record<string, Round[]> = {
    [OURS]: [ours],
    "fixed 2 s": [summary(runs, () => 2000)],
    "exponential to 120 s": [
      summary(runs, (_run, _now, asked) => Math.min(120_000, 1000 * 2 ** (asked - 1)) * (0.5 + random() / 2)),
    ],
  };
  for (const [scheme, pauseOf] of equal) sides[`${scheme}, of equal delay`] = [ofDelay(runs, pauseOf, delay)];
  const measure = { name: `following to the end: ${name}`, compared: "requests", unit: "requests", sides };
  return { ...measure, goals: [fewest(measure.sides)] };
}

/** By how much each pause of an exponential scheme is longer than the one before. */
const GROWTHS = [1.1, 1.5, 2] as const;

/** Begins with a second, and grows up to a longest pause. */
function exponential(growth: number): (longestMs: number) => Pause {
  return (longestMs) => (_run, _now, asked) => Math.min(longestMs, 1000 * growth ** (asked - 1));
}

/** The scheme of a family that notices the end as late as this on the average: its longest pause is found by halving. */
function ofDelay(runs: readonly Run[], pauseOf: (longestMs: number) => Pause, delay: number): Round {
  let [short, long] = [1, 600_000];
  for (let step = 0; step < 40; step++) {
    const middle = Math.sqrt(short * long);
    if ((summary(runs, pauseOf(middle))["delay to notice, mean s"] ?? 0) < delay) short = middle;
    else long = middle;
  }
  return summary(runs, pauseOf(short));
}

function fewest(sides: Readonly<Record<string, readonly Round[]>>): Goal {
  const requests = (side: string): number => sides[side]?.[0]?.["requests"] ?? NaN;
  const others = Object.keys(sides).filter((side) => side.endsWith("of equal delay"));
  const theirs = Math.min(...others.map(requests));
  return {
    goal: `${OURS}: fewer requests than every fixed or exponential scheme of equal delay`,
    measured: `${shown(requests(OURS))} requests beside ${shown(theirs)}`,
    isMet: requests(OURS) < theirs,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
