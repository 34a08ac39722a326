// Measures lifecycles, latencies and throughput of the API, with the rounds of all sides interleaved.
import type { Bench } from "../bench.ts";
import { LIFECYCLE_MEASURES, type LifecycleMeasure, lifecycleGoals } from "../lifecycle/measures.ts";
import { acceptRound } from "../lifecycle/round.ts";
import type { Measure, Round } from "../measure.ts";
import { type RunningSide, type Side, startSide } from "../sides/side.ts";
import { RAW } from "../sides/sides.ts";
import { FULL_RESPONSE, goalsOf, MEASURES, type MeasureName } from "./measures.ts";
import { roundOf } from "./round.ts";

type Name = MeasureName | LifecycleMeasure;
type Add = (name: Name, side: string, round: Round) => void;

/** Measures lifecycles, acceptance, GET, 304 and idle latencies. */
export async function runHttp(bench: Bench): Promise<readonly Measure[]> {
  const { options, sides, log } = bench;
  const collected = new Map<Name, Record<string, Round[]>>();
  const add: Add = (name, side, round) => {
    const rounds = collected.get(name) ?? {};
    collected.set(name, rounds);
    (rounds[side] ??= []).push(round);
  };
  // A further round begins only if the other parts have time left.
  const lastStartAt = performance.now() + (options.minutes * 60_000) / 3;
  for (let round = 1; round <= options.rounds && (round === 1 || performance.now() < lastStartAt); round++) {
    for (const side of sides) {
      log(`http, round ${round} of ${options.rounds}: ${side.name}`);
      await measureSide(bench, side, add);
    }
  }
  // Shows the full responses of the same round beside the 304s.
  for (const round of collected.get("get")?.[RAW] ?? []) add("notModified", FULL_RESPONSE, round);
  return [
    ...LIFECYCLE_MEASURES.map(({ id, ...measure }) => {
      const measured = { ...measure, sides: collected.get(id) ?? {} };
      return { ...measured, goals: lifecycleGoals(id, measured) };
    }),
    ...MEASURES.map(({ id, ...measure }) => {
      const measured = { ...measure, sides: collected.get(id) ?? {} };
      return { ...measured, goals: goalsOf(id, measured) };
    }),
  ];
}

async function measureSide(bench: Bench, side: Side, add: Add): Promise<void> {
  const { options } = bench;
  await running(bench, side, true, async (started) => {
    for await (const [name, numbers] of roundOf(side, started, options)) add(name, side.name, numbers);
  });
  if (!side.isDurable) return;
  await running(bench, side, false, async (started) => add("accept", side.name, await acceptRound(started, options)));
}

/** A side that fails under load only loses its own round. */
async function running(
  { services, log }: Bench,
  side: Side,
  workers: boolean,
  run: (started: RunningSide) => Promise<void>,
): Promise<void> {
  try {
    const started = await startSide(side, services, workers);
    try {
      await run(started);
    } finally {
      await started.stop();
    }
  } catch (error) {
    log(`${side.name}${workers ? "" : ", workers off"}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
