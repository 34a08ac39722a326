// The full fault run: npm run test:faults -- [--resources 2000] [--kills 50] [--store sqlite|postgres] [--broker local|nats]
import { parseArgs } from "node:util";
import { clusterFleet } from "./cluster-fleet.ts";
import { faultRun } from "./fault-run.ts";

const { values } = parseArgs({
  options: {
    resources: { type: "string", default: "2000" },
    kills: { type: "string", default: "50" },
    store: { type: "string", default: "sqlite" },
    broker: { type: "string", default: "local" },
  },
});
const cluster =
  values.store === "postgres"
    ? { start: (options: Parameters<typeof clusterFleet>[0]) => clusterFleet(options, values.broker === "nats") }
    : {};

const report = await faultRun({
  ...cluster,
  resources: Number(values.resources),
  kills: Number(values.kills),
  onProgress: (text) => {
    console.log(text);
  },
});
console.log(report);
console.log(report.faults.length === 0 ? "Every promise was kept." : `${report.faults.length} promises were broken.`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
