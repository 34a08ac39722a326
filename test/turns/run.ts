// The full run: npm run test:turns -- [--resources N] [--tenants N] [--kills N] [--beside N]
import { inspect, parseArgs } from "node:util";
import { measureFairness, turnsRun } from "./turns-run.ts";

const { values } = parseArgs({
  options: {
    resources: { type: "string", default: "10000" },
    tenants: { type: "string", default: "100" },
    kills: { type: "string", default: "20" },
    beside: { type: "string", default: "10000" },
  },
});
const startedAt = performance.now();
const report = await turnsRun({
  resources: Number(values.resources),
  tenants: Number(values.tenants),
  kills: Number(values.kills),
  nodes: 3,
  limit: 2,
  onProgress: (text) => {
    console.log(`${Math.round((performance.now() - startedAt) / 1000)} s  ${text}`);
  },
});
console.log(inspect(report, { maxArrayLength: 20, breakLength: 100 }));
const fairness = await measureFairness({ tenants: 99, each: 10, beside: Number(values.beside) });
console.log(inspect(fairness));
const isFair = fairness.ratio <= 2;
process.exitCode = report.faults.length === 0 && isFair ? 0 : 1;
console.log(
  `${report.begun} runs, ${report.kills} kills: at most ${report.most} of a tenant at once, ${report.faults.length} faults; ` +
    `the small tenants wait ${fairness.ratio.toFixed(2)} times as long beside the large one`,
);
