// Measures GET of a resource in progress and durable POST, all sides in one run, interleaved: medians with their spread, and ratios to
// plain node:http of the same run.
import { cpus } from "node:os";
import { load, type Measured } from "./load.ts";
import { SIDES, startSide } from "./sides.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 3);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5);
const BODY = JSON.stringify({ configuration: { size: "large" } });

interface Measure {
  readonly name: string;
  readonly run: (origin: string, slow: string) => Promise<Measured>;
}

const MEASURES: readonly Measure[] = [
  {
    name: "GET of a resource in progress, 64 connections",
    async run(origin, slow) {
      const created = await fetch(origin + slow, {
        method: "POST",
        body: BODY,
        headers: { "Content-Type": "application/json" },
      });
      const location = created.headers.get("Location");
      if (location === null) throw new Error(`${origin}${slow}: POST gave no Location`);
      return load({ url: new URL(location, origin).href, method: "GET", connections: 64, seconds: SECONDS });
    },
  },
  {
    name: "POST, durable, 256 connections, while the work runs",
    run: (origin) =>
      load({ url: `${origin}/api/widgets`, method: "POST", connections: 256, seconds: SECONDS, body: BODY }),
  },
];

console.log(`${cpus().length} cores of ${cpus()[0]?.model}, Node ${process.version}, ${ROUNDS} rounds of ${SECONDS} s`);
for (const side of SIDES) console.log(`${side.name}: durability ${side.durability}`);

for (const measure of MEASURES) {
  const results = new Map<string, Measured[]>(SIDES.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of SIDES) {
      const running = await startSide(side);
      try {
        results.get(side.name)?.push(await measure.run(running.origin, side.slow));
      } finally {
        await running.stop();
      }
    }
  }
  print(measure.name, results);
}

function print(name: string, results: ReadonlyMap<string, readonly Measured[]>): void {
  const base = median((results.get(SIDES[0]?.name ?? "") ?? []).map(({ perSecond }) => perSecond));
  console.log(`\n${name}`);
  for (const [side, rounds] of results) {
    const rates = rounds.map(({ perSecond }) => perSecond);
    const spread = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
    const latencies = `p50 ${median(rounds.map(({ p50Ms }) => p50Ms))} ms, p99 ${median(rounds.map(({ p99Ms }) => p99Ms))} ms`;
    console.log(
      `  ${side.padEnd(16)} ${Math.round(median(rates))}/s (${spread}), ${(median(rates) / base).toFixed(2)} of raw, ${latencies}`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
