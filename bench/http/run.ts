// What a client of the API waits for and how many of them a server bears, all sides in one run, interleaved.
import type { Bench } from "../bench.ts";
import type { Measure, Round } from "../measure.ts";
import { startSide } from "../sides/side.ts";
import { RAW } from "../sides/sides.ts";
import { goalsOf, MEASURES, type MeasureName, WHOLE_ANSWER } from "./measures.ts";
import { roundOf } from "./round.ts";

type Collected = Record<MeasureName, Record<string, Round[]>>;

/** GET, 304, POST, completions and idle latencies. */
export async function runHttp({ options, services, sides, say }: Bench): Promise<readonly Measure[]> {
  const collected: Collected = { idle: {}, get: {}, notModified: {}, post: {}, completed: {} };
  for (let round = 1; round <= options.rounds; round++) {
    for (const side of sides) {
      say(`http, round ${round} of ${options.rounds}: ${side.name}`);
      const running = await startSide(side, services);
      try {
        for await (const [measure, numbers] of roundOf(side, running, options)) {
          (collected[measure][side.name] ??= []).push(numbers);
        }
      } catch (error) {
        // One side that fails under its load is no reason to lose what the others gave; its table then lacks a round.
        say(`http, ${side.name}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        await running.stop();
      }
    }
  }
  // What a 304 saves shows beside the whole answer of the same round.
  collected.notModified[WHOLE_ANSWER] = collected.get[RAW] ?? [];
  return MEASURES.map(({ id, ...measure }) => {
    const measured = { ...measure, sides: collected[id] };
    return { ...measured, goals: goalsOf(id, measured) };
  });
}
