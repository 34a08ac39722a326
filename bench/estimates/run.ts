// Measures the error of the learned time remaining, and the number of requests when clients follow Retry-After. Simulates seeded random
// runs with the server's own code, so the numbers are the same on every machine.
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { createEstimates, type LearnedEstimates } from "../../src/server/timing/estimates.ts";
import { retryAfterSeconds } from "../../src/server/timing/retry-after.ts";
import type { Bench } from "../bench.ts";
import { type Goal, type Measure, median, type Round, formatNumber } from "../measure.ts";
import { DISTRIBUTIONS, type Distribution, draw, type Run, rowOf, seeded } from "./runs.ts";

const LEARNED_RUNS = 50;
const MEASURED_RUNS = 400;

const OURS = "our Retry-After";

/** Measures the error of the estimates, and the requests of clients that follow them. */
export async function runEstimates({ log }: Bench): Promise<readonly Measure[]> {
  log("estimates");
  return DISTRIBUTIONS.flatMap((distribution) => {
    const random = seeded(1);
    const estimates = learnEstimates(distribution, random);
    const runs = Array.from({ length: MEASURED_RUNS }, () => draw(distribution, random));
    return [errors(distribution, estimates, runs, random), following(distribution, estimates, runs, random)];
  });
}

function learnEstimates(distribution: Distribution, random: () => number): LearnedEstimates {
  const estimates = createEstimates({
    reporting: { durations: async () => [], saveDurations: async () => {} },
    clock: systemClock,
    log: silentLog,
  });
  for (let run = 0; run < LEARNED_RUNS; run++) {
    for (const row of draw(distribution, random).rows) estimates.onCommitted(row);
  }
  return estimates;
}

/** Computes the error of an estimate as a share of the run, at ten instants of each run. */
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

interface FollowResult {
  readonly requests: number;
  readonly delayMs: number;
}

type Pause = (run: Run, now: number, requests: number) => number;

/** Simulates polling with the given pauses until the run is settled. */
function follow(run: Run, pause: Pause): FollowResult {
  let now = 0;
  for (let requests = 1; ; requests++) {
    now += pause(run, now, requests);
    if (now >= run.totalMs) return { requests, delayMs: now - run.totalMs };
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

/** Compares with common fixed and exponential schemes, and with schemes of the same mean delay. */
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
      summary(runs, (_run, _now, requests) => Math.min(120_000, 1000 * 2 ** (requests - 1)) * (0.5 + random() / 2)),
    ],
  };
  for (const [scheme, pauseOf] of equal) sides[`${scheme}, of equal delay`] = [schemeOfDelay(runs, pauseOf, delay)];
  const measure = { name: `following to the end: ${name}`, compared: "requests", unit: "requests", sides };
  return { ...measure, goals: [fewestRequests(measure.sides)] };
}

/** Growth factors of the exponential schemes. */
const GROWTHS = [1.1, 1.5, 2] as const;

/** Creates a scheme that starts with a second and grows up to a maximum pause. */
function exponential(growth: number): (longestMs: number) => Pause {
  return (longestMs) => (_run, _now, requests) => Math.min(longestMs, 1000 * growth ** (requests - 1));
}

/** Finds the scheme of a family with a given mean delay, by bisecting its maximum pause. */
function schemeOfDelay(runs: readonly Run[], pauseOf: (longestMs: number) => Pause, delay: number): Round {
  let [short, long] = [1, 600_000];
  for (let step = 0; step < 40; step++) {
    const middle = Math.sqrt(short * long);
    if ((summary(runs, pauseOf(middle))["delay to notice, mean s"] ?? 0) < delay) short = middle;
    else long = middle;
  }
  return summary(runs, pauseOf(short));
}

function fewestRequests(sides: Readonly<Record<string, readonly Round[]>>): Goal {
  const requests = (side: string): number => sides[side]?.[0]?.["requests"] ?? NaN;
  const others = Object.keys(sides).filter((side) => side.endsWith("of equal delay"));
  const theirs = Math.min(...others.map(requests));
  return {
    goal: `${OURS}: fewer requests than every fixed or exponential scheme of equal delay`,
    measured: `${formatNumber(requests(OURS))} requests beside ${formatNumber(theirs)}`,
    isMet: requests(OURS) < theirs,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
