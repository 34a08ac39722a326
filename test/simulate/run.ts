// npm run simulate -- [--seed N] [--operations N] [--minutes M] [--runs N]
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    operations: { type: "string", default: "500" },
    runs: { type: "string" },
    minutes: { type: "string", default: "2" },
    trace: { type: "boolean", default: false },
  },
});
const operations = Number(values.operations);
const first = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const runs = Number(values.runs ?? (values.seed === undefined ? Number.POSITIVE_INFINITY : 1));
const startedAt = performance.now();
const endsAt = startedAt + Number(values.minutes) * 60_000;
let [passed, failed, accepted] = [0, 0, 0];

for (let run = 0; run < runs && (run === 0 || performance.now() < endsAt); run++) {
  const seed = first + run;
  const { trace, violations, ...report } = await simulate({ seed, operations });
  accepted += report.operations;
  const seconds = (performance.now() - startedAt) / 1000;
  const faults = Object.entries(report.faults).map(([name, count]) => `${name} ${count}`);
  console.log(
    `seed ${seed}: ${report.operations} operations, ${report.requests} requests, ${report.events} events, ` +
      `${Math.round(report.virtualMs / 1000)} virtual s, ${faults.join(", ")}, ${JSON.stringify(report.outcomes)}, ` +
      `trace ${report.traceHash}; ${Math.round(accepted / seconds)} operations/s so far`,
  );
  if (violations.length === 0) {
    passed++;
    if (values.trace) console.log(trace.join("\n"));
    continue;
  }
  failed++;
  console.log(`${trace.join("\n")}\n${violations.slice(0, 20).join("\n")}`);
  console.log(`repeat with: npm run simulate -- --seed ${seed} --operations ${operations}`);
}
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${accepted} operations; ${passed} passed, ${failed} failed`);
process.exit();
