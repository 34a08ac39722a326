import { systemClock } from "../../src/core/clock.ts";
// How good the learned time remaining is, and what following to the end costs by it: computed on drawn runs with the server's own
// code, so the numbers are the same on every machine.
import { silentLog } from "../../src/core/log.ts";
import { createEstimates, type LearnedEstimates } from "../../src/server/estimates/estimates.ts";
import { retryAfterSeconds } from "../../src/server/pacing.ts";
import { DISTRIBUTIONS, type Distribution, draw, type Run, rowOf, seeded } from "./runs.ts";

const LEARNED = 50;
const MEASURED = 400;

for (const distribution of DISTRIBUTIONS) {
  const random = seeded(1);
  const estimates = learned(distribution, random);
  const runs = Array.from({ length: MEASURED }, () => draw(distribution, random));
  console.log(`\n${distribution.name}, after ${LEARNED} runs`);
  printErrors(estimates, runs, random);
  printFollowing(estimates, runs, random);
}

function learned(distribution: Distribution, random: () => number): LearnedEstimates {
  const estimates = createEstimates({
    store: { durations: async () => [], saveDurations: async () => {} },
    clock: systemClock,
    log: silentLog,
  });
  for (let run = 0; run < LEARNED; run++) for (const row of draw(distribution, random).rows) estimates.observe(row);
  return estimates;
}

/** The error of an estimate, as a part of the whole run, at ten instants of each. */
function printErrors(estimates: LearnedEstimates, runs: readonly Run[], random: () => number): void {
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
  const [mine, theirs] = [median(ours), median(naive)];
  console.log(
    `  error of the estimate, median: ${percent(mine)} of the run, elapsed/progress alone ${percent(theirs)}: ${(mine / theirs).toFixed(2)} times`,
  );
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

function printFollowing(estimates: LearnedEstimates, runs: readonly Run[], random: () => number): void {
  const schemes: Record<string, Pause> = {
    "our Retry-After": (run, now) => {
      const row = rowOf(run, now);
      return retryAfterSeconds(row, estimates.estimate(row, now), now) * 1000;
    },
    "fixed 2 s": () => 2000,
    "exponential to 120 s": (_run, _now, asked) => Math.min(120_000, 1000 * 2 ** (asked - 1)) * (0.5 + random() / 2),
  };
  for (const [name, pause] of Object.entries(schemes)) {
    const followed = runs.map((run) => follow(run, pause));
    const requests = mean(followed.map((each) => each.requests));
    const delays = followed.map(({ delayMs }) => delayMs);
    console.log(
      `  ${name.padEnd(22)} ${requests.toFixed(1)} requests per completion, noticed after ${seconds(median(delays))} s (median), ${seconds(mean(delays))} s (mean)`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
