// The full fault run: npm run test:faults -- [--store sqlite|postgres] [--broker local|nats] [--resources N] [--kills N]
// The defaults are 5,000 resources and 60 harms on a cluster, and 2,000 and 50 on one process.
import { inspect, parseArgs } from "node:util";
import { clusterFleet } from "./cluster-fleet.ts";
import { faultRun } from "./fault-run.ts";

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    broker: { type: "string", default: "local" },
    resources: { type: "string" },
    kills: { type: "string" },
  },
});
const isCluster = values.store === "postgres";
const cluster = isCluster
  ? { start: (options: Parameters<typeof clusterFleet>[0]) => clusterFleet(options, values.broker === "nats") }
  : {};
const { resources = isCluster ? "5000" : "2000", kills = isCluster ? "60" : "50" } = values;
const startedAt = performance.now();

const report = await faultRun({
  ...cluster,
  resources: Number(resources),
  kills: Number(kills),
  onProgress: (text) => {
    console.log(`${Math.round((performance.now() - startedAt) / 1000)} s  ${text}`);
  },
});
console.log(inspect(report, { maxArrayLength: null, breakLength: 100 }));
console.log(report.faults.length === 0 ? "Every promise was kept." : `${report.faults.length} promises were broken.`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
