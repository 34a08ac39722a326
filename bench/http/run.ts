// Measures latencies and throughput of the API, with the rounds of all sides interleaved.
import type { Bench } from "../bench.ts";
import type { Measure, Round } from "../measure.ts";
import { startSide } from "../sides/side.ts";
import { RAW } from "../sides/sides.ts";
import { goalsOf, MEASURES, type MeasureName, FULL_RESPONSE } from "./measures.ts";
import { roundOf } from "./round.ts";

type Collected = Record<MeasureName, Record<string, Round[]>>;

/** Measures GET, 304, POST, completions and idle latencies. */
export async function runHttp({ options, services, sides, log }: Bench): Promise<readonly Measure[]> {
  const collected: Collected = { idle: {}, get: {}, notModified: {}, post: {}, completed: {} };
  for (let round = 1; round <= options.rounds; round++) {
    for (const side of sides) {
      log(`http, round ${round} of ${options.rounds}: ${side.name}`);
      const running = await startSide(side, services);
      try {
        for await (const [measure, numbers] of roundOf(side, running, options)) {
          (collected[measure][side.name] ??= []).push(numbers);
        }
      } catch (error) {
        // A side that fails under load only loses its own round.
        log(`http, ${side.name}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        await running.stop();
      }
    }
  }
  // Shows the full responses of the same round beside the 304s.
  collected.notModified[FULL_RESPONSE] = collected.get[RAW] ?? [];
  return MEASURES.map(({ id, ...measure }) => {
    const measured = { ...measure, sides: collected[id] };
    return { ...measured, goals: goalsOf(id, measured) };
  });
}
