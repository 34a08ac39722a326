// Runs the order example at full size: npm run test:orders -- [--orders 500] [--kills 30] [--each-commit]
import { parseArgs } from "node:util";
import { crashAtEachCommit, ORDERS } from "./each-commit.ts";
import { shopRun } from "./shop-run.ts";

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "500" },
    kills: { type: "string", default: "30" },
    "each-commit": { type: "boolean", default: false },
  },
});
if (values["each-commit"]) {
  for (const order of ORDERS) {
    const { count, violations } = await crashAtEachCommit(order);
    console.log(
      `to ${order.address}: ${count} crashes, each after another commit; ${violations.length} violated guarantees`,
    );
    for (const violation of violations) console.log(violation);
    if (violations.length > 0) process.exit(1);
  }
}
const { lines, violations } = await shopRun({
  orders: Number(values.orders),
  kills: Number(values.kills),
  onProgress: (text) => {
    console.log(text);
  },
});
console.log([...lines, ...violations].join("\n"));
console.log(violations.length === 0 ? "The books balance." : `${violations.length} violated guarantees.`);
process.exitCode = violations.length === 0 ? 0 : 1;
