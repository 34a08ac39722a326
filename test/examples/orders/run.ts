// The order example at full size: npm run test:orders -- [--orders 500] [--kills 30] [--each-commit]
import { parseArgs } from "node:util";
import { crashAtEachCommit, WANTED } from "./each-commit.ts";
import { shopRun } from "./shop-run.ts";

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "500" },
    kills: { type: "string", default: "30" },
    "each-commit": { type: "boolean", default: false },
  },
});
if (values["each-commit"]) {
  for (const wanted of WANTED) {
    const { count, faults } = await crashAtEachCommit(wanted);
    console.log(
      `to ${wanted.address}: ${count} crashes, each after another commit; ${faults.length} promises were broken`,
    );
    for (const fault of faults) console.log(fault);
    if (faults.length > 0) process.exit(1);
  }
}
const { lines, faults } = await shopRun({
  orders: Number(values.orders),
  kills: Number(values.kills),
  onProgress: (text) => {
    console.log(text);
  },
});
console.log([...lines, ...faults].join("\n"));
console.log(faults.length === 0 ? "The books balance." : `${faults.length} promises were broken.`);
process.exitCode = faults.length === 0 ? 0 : 1;
