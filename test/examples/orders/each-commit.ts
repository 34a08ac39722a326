import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startCrashServer } from "../../faults/crash-process.ts";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { balance } from "./books.ts";
import { placeOrder, type OrderRequest } from "./customers.ts";
import { APP } from "./shop.ts";

/** More commits than one order makes. The first run without a crash is the last one. */
const MAX_COMMITS = 100;

/** An order that is shipped, and one that is undone completely. */
export const ORDERS: readonly OrderRequest[] = ["1 Main Street", "Nowhere"].map((address) => ({
  item: "lamp",
  quantity: 2,
  card: "tok_visa",
  address,
}));

export interface Crashes {
  readonly count: number;
  /** Violated guarantees. */
  readonly violations: readonly string[];
}

/** Kills the process right after each commit of an order, one commit per run, and checks the balance of every run. */
export async function crashAtEachCommit(order: OrderRequest): Promise<Crashes> {
  const violations: string[] = [];
  for (let commit = 1; commit < MAX_COMMITS; commit++) {
    const run = await crashAfter(order, commit);
    violations.push(...run.violations.map((violation) => `after commit ${commit}: ${violation}`));
    if (!run.died) return { count: commit - 1, violations };
  }
  return { count: MAX_COMMITS, violations: [...violations, "no run of the order finished without a crash"] };
}

async function crashAfter(
  order: OrderRequest,
  commit: number,
): Promise<{ died: boolean; violations: readonly string[] }> {
  await using folder = await temporaryFolder();
  const environment = {
    CRASH_APP: pathToFileURL(APP).href,
    CRASH_STORE: join(folder.path, "afoot.db"),
    AFOOT_DEMO_DATA: folder.path,
    AFOOT_DEMO_PACE: "0.005",
  };
  let died = false;
  let last = await startCrashServer({ ...environment, CRASH_AFTER: String(commit) });
  const replaced = once(last.process, "exit").then(async ([, signal]: unknown[]) => {
    if (signal !== "SIGKILL") return;
    died = true;
    last = await startCrashServer(environment);
  });
  const settledOrder = await placeOrder(() => last.origin, order);
  if (died) await replaced;
  const exited = once(last.process, "exit");
  last.process.kill("SIGTERM");
  await exited;
  return { died, violations: balance(folder.path, [settledOrder]).violations };
}
