// Counts the writes of the stores per lifecycle. Counts do not depend on the load of the machine.
import type { Bench } from "../bench.ts";
import type { Measure } from "../measure.ts";
import { OURS } from "../sides/sides.ts";
import { postgresCosts } from "./postgres.ts";
import { sqliteCosts } from "./sqlite.ts";

const CONNECTIONS = [1, 64];

/** Counts pages, WAL bytes and HOT updates per lifecycle: POST to settled, with three reports. */
export async function runCosts(bench: Bench): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  for (const side of bench.sides) {
    if (side.name === OURS.sqlite) measures.push(...(await sqliteCosts(side, bench, CONNECTIONS)));
    if (side.name === OURS.postgres) measures.push(...(await postgresCosts(side, bench, CONNECTIONS)));
  }
  return measures;
}
