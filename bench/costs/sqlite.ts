import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Measure, Round } from "../measure.ts";
import { openSide, type RunningSide, type Side } from "../sides/side.ts";
import { runLifecycles } from "./lifecycles.ts";
import { WalReader } from "./sqlite-wal.ts";

const WARM_UP = 200;

/** Counts the pages that SQLite writes per lifecycle, in total and by table and index. */
export async function sqliteCosts(
  side: Side,
  { services, options, log }: Bench,
  connections: readonly number[],
): Promise<readonly Measure[]> {
  const count = options.quick ? 300 : 2000;
  const totals: Record<string, Round[]> = {};
  const owners: Record<string, Round> = {};
  for (const number of connections) {
    const level = `${side.name}, ${number} at a time`;
    log(`costs: ${level}`);
    const opened = await openSide(side, services);
    const running = await opened.start();
    try {
      await runLifecycles(running, WARM_UP, number);
      using wal = await openWal(running, join(opened.folder, "bench.db"));
      await runLifecycles(running, count, number);
      const { commits, pages } = wal.frames();
      const sum = Object.values(pages).reduce((total, each) => total + each, 0);
      totals[level] = [{ pages: sum / count, commits: commits / count, pagesPerCommit: sum / commits }];
      for (const [name, written] of Object.entries(pages)) {
        owners[name] = { ...owners[name], [`pages, ${number} at a time`]: written / count };
      }
    } finally {
      await running.stop();
      await opened.release();
    }
  }
  const [first = 1] = connections;
  const compared = `pages, ${first} at a time`;
  const sorted = Object.entries(owners).toSorted(([, a], [, b]) => (b[compared] ?? 0) - (a[compared] ?? 0));
  const byOwner = Object.fromEntries(sorted.map(([name, round]) => [name, [round]]));
  return [
    { name: "SQLite: pages written per lifecycle", compared: "pages", unit: "pages", sides: totals, goals: [] },
    { name: "SQLite: pages per lifecycle by table and index", compared, unit: "pages", sides: byOwner, goals: [] },
  ];
}

async function openWal(running: RunningSide, path: string): Promise<WalReader> {
  for (;;) {
    const wal = new WalReader(path);
    if (wal.start()) return wal;
    wal[Symbol.dispose]();
    await runLifecycles(running, 1, 1);
  }
}
