import { setTimeout as passes } from "node:timers/promises";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { random } from "../../support/random.ts";
import { type Balance, balance } from "./books.ts";
import { type Ended, shopping } from "./customers.ts";
import { PARTS, Shop } from "./shop.ts";

export interface ShopRunOptions {
  readonly orders: number;
  /** How often a process is killed, all of them equally often. */
  readonly kills: number;
  /** Called as it goes on. */
  readonly onProgress?: (text: string) => void;
}

const CUSTOMERS = 20;

/** Takes orders while the processes that handle them are killed at random, and balances the books. */
export async function shopRun({ orders, kills, onProgress = () => {} }: ShopRunOptions): Promise<Balance> {
  await using folder = await temporaryFolder();
  const environment = { AFOOT_DEMO_PACE: "0.05", AFOOT_LOG_LEVEL: "error" };
  await using shop = new Shop(folder.path, { environment });
  await shop.start();

  const ended: Ended[] = [];
  let asked = 0;
  const shopAll = async (): Promise<void> => {
    while (asked++ < orders) ended.push(await shopping(() => shop.origin));
  };
  const customers = Promise.all(Array.from({ length: CUSTOMERS }, shopAll));

  const parts = shuffled(Array.from({ length: kills }, (_, kill) => PARTS[kill % PARTS.length] ?? ""));
  for (const [kill, part] of parts.entries()) {
    // Spread over the orders, so that each of them finds some at every stage.
    while (ended.length < (orders * kill) / kills) await passes(5);
    await passes(random() * 200);
    await shop.kill(part);
    onProgress(`${part} killed; ${ended.length} of ${orders} settled`);
  }
  await customers;
  const stopped = await shop.stop();
  const { lines, faults } = balance(folder.path, ended);
  const killed = PARTS.map((part) => `${part} ${parts.filter((each) => each === part).length}`);
  return {
    lines: [`orders:  ${outcomesOf(ended)}`, `killed:  ${killed.join(", ")} times`, ...lines],
    faults: [...faults, ...stopped],
  };
}

function outcomesOf(ended: readonly Ended[]): string {
  const byOutcome = Map.groupBy(ended, ({ status, error }) => (status === "Failed" ? `${status} (${error})` : status));
  return [...byOutcome].map(([outcome, those]) => `${those.length} ${outcome}`).join(", ");
}

function shuffled<Value>(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
