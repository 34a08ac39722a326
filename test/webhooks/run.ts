// The full run: npm run test:webhooks -- [--runs N] [--idle N]
import { inspect, parseArgs } from "node:util";
import { type KillReport, killRun } from "./kill-run.ts";
import { measureLatency } from "./latency.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "200" }, idle: { type: "string", default: "100" } },
});
const startedAt = performance.now();
const onProgress = (text: string): void => {
  console.log(`${Math.round((performance.now() - startedAt) / 1000)} s  ${text}`);
};
const reports: KillReport[] = [];
for (const store of ["sqlite", "postgres"] as const) {
  const report = await killRun({ runs: Number(values.runs), store, onProgress });
  console.log(store, inspect(report, { maxArrayLength: 20, breakLength: 100 }));
  reports.push(report);
}
for (const store of ["sqlite", "postgres"] as const) {
  const { p50, p95 } = await measureLatency(store, Number(values.idle));
  console.log(`${store}: settled to delivered, idle: ${p50.toFixed(1)} ms p50, ${p95.toFixed(1)} ms p95`);
}
const sum = (count: (report: KillReport) => number): number => reports.reduce((total, each) => total + count(each), 0);
const faults = sum((each) => each.faults.length);
const runs = sum((each) => each.runs);
const delivered = sum((each) => each.delivered);
process.exitCode = faults === 0 && delivered === runs ? 0 : 1;
console.log(
  `${runs} runs, ${sum((each) => each.kills)} kills between settle and response: ${delivered} delivered, ` +
    `${sum((each) => each.repeated)} of them more than once, ${faults} faults`,
);
