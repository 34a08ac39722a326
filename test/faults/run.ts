// The full fault run: node test/faults/run.ts [--resources 2000] [--kills 50]
import { parseArgs } from "node:util";
import { faultRun } from "./fault-run.ts";

const { values } = parseArgs({
  options: { resources: { type: "string", default: "2000" }, kills: { type: "string", default: "50" } },
});

const report = await faultRun({
  resources: Number(values.resources),
  kills: Number(values.kills),
  onProgress: (text) => {
    console.log(text);
  },
});
console.log(report);
console.log(report.faults.length === 0 ? "Every promise was kept." : `${report.faults.length} promises were broken.`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
