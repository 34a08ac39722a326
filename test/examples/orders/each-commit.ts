import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startCrashServer } from "../../faults/crash-process.ts";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { balance } from "./books.ts";
import { ordered, type Wanted } from "./customers.ts";
import { APP } from "./shop.ts";

/** More commits than one order makes: a run that outlives them all is the last one. */
const MOST_COMMITS = 100;

/** One that is shipped, and one of which everything is taken back. */
export const WANTED: readonly Wanted[] = ["1 Main Street", "Nowhere"].map((address) => ({
  item: "lamp",
  quantity: 2,
  card: "tok_visa",
  address,
}));

export interface Crashes {
  readonly count: number;
  /** Each a promise that was not kept. */
  readonly faults: readonly string[];
}

/** Has the process that serves and works die right after each commit of an order, one in each run, and balances the books of each. */
export async function crashAtEachCommit(wanted: Wanted): Promise<Crashes> {
  const faults: string[] = [];
  for (let commit = 1; commit < MOST_COMMITS; commit++) {
    const { died, found } = await crashAfter(wanted, commit);
    faults.push(...found.map((fault) => `after commit ${commit}: ${fault}`));
    if (!died) return { count: commit - 1, faults };
  }
  return { count: MOST_COMMITS, faults: [...faults, "the order never came to its end without a crash"] };
}

async function crashAfter(wanted: Wanted, commit: number): Promise<{ died: boolean; found: readonly string[] }> {
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
  const ended = await ordered(() => last.origin, wanted);
  if (died) await replaced;
  const exited = once(last.process, "exit");
  last.process.kill("SIGTERM");
  await exited;
  return { died, found: balance(folder.path, [ended]).faults };
}
