import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { random } from "../../support/random.ts";
import { type Balance, balance } from "./books.ts";
import { type SettledOrder, placeRandomOrder } from "./customers.ts";
import { PARTS, Shop } from "./shop.ts";

export interface ShopRunOptions {
  readonly orders: number;
  /** Number of kills, distributed evenly over the processes. */
  readonly kills: number;
  /** Called with the progress of the run. */
  readonly onProgress?: (text: string) => void;
}

const CUSTOMERS = 20;
/** Maximum time from one kill to the next. */
const MAX_KILL_INTERVAL_MS = 300_000;

/** Places orders while processes are killed at random, and checks the balance. */
export async function shopRun({ orders, kills, onProgress = () => {} }: ShopRunOptions): Promise<Balance> {
  await using folder = await temporaryFolder();
  const environment = { AFOOT_DEMO_PACE: "0.05", AFOOT_LOG_LEVEL: "error" };
  await using shop = new Shop(folder.path, { environment });
  await shop.start();

  const settled: SettledOrder[] = [];
  let placed = 0;
  const shopAll = async (): Promise<void> => {
    while (placed++ < orders) settled.push(await placeRandomOrder(() => shop.origin));
  };
  const customers = Promise.all(Array.from({ length: CUSTOMERS }, shopAll));

  const parts = shuffled(Array.from({ length: kills }, (_, kill) => PARTS[kill % PARTS.length] ?? ""));
  for (const [kill, part] of parts.entries()) {
    // Spreads the kills over the orders, so that orders are hit at every stage.
    const due = (orders * kill) / kills;
    await eventually(`${due} settled orders`, () => settled.length >= due, {
      timeoutMs: MAX_KILL_INTERVAL_MS,
      intervalMs: 5,
    });
    await sleep(random() * 200);
    await shop.kill(part);
    onProgress(`${part} killed; ${settled.length} of ${orders} settled`);
  }
  await customers;
  const stopped = await shop.stop();
  const { lines, violations } = balance(folder.path, settled);
  const killed = PARTS.map((part) => `${part} ${parts.filter((each) => each === part).length}`);
  return {
    lines: [`orders:  ${outcomesOf(settled)}`, `killed:  ${killed.join(", ")} times`, ...lines],
    violations: [...violations, ...stopped],
  };
}

function outcomesOf(settled: readonly SettledOrder[]): string {
  const byOutcome = Map.groupBy(settled, ({ status, error }) =>
    status === "Failed" ? `${status} (${error})` : status,
  );
  return [...byOutcome].map(([outcome, group]) => `${group.length} ${outcome}`).join(", ");
}

function shuffled<Value>(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
