// The order example at full size: npm run test:orders -- [--orders 500] [--kills 30]
import { parseArgs } from "node:util";
import { shopRun } from "./shop-run.ts";

const { values } = parseArgs({
  options: { orders: { type: "string", default: "500" }, kills: { type: "string", default: "30" } },
});
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
