// The full run: npm run test:transactions -- [--transactions N] [--kills N]
// It runs on PostgreSQL 15 and 18, directly and through PgBouncer.
import { inspect, parseArgs } from "node:util";
import { transactionsRun } from "./transactions-run.ts";

const { values } = parseArgs({
  options: { transactions: { type: "string", default: "1000" }, kills: { type: "string", default: "20" } },
});
const results: string[] = [];
for (const version of [15, 18] as const) {
  for (const isPooled of [false, true]) {
    const name = `PostgreSQL ${version}${isPooled ? " through PgBouncer" : ""}`;
    const startedAt = performance.now();
    const report = await transactionsRun({
      transactions: Number(values.transactions),
      kills: Number(values.kills),
      version,
      isPooled,
    });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`${name}, ${seconds} s: ${inspect(report, { maxArrayLength: 20, breakLength: 100 })}`);
    if (report.faults.length > 0) process.exitCode = 1;
    results.push(`${report.agreeing.toLocaleString("en")} of ${report.transactions.toLocaleString("en")} on ${name}`);
  }
}
console.log(`Business rows and resources agree: ${results.join(", ")}`);
