// Measures the cost of requests with a thousand and with a million stored resources.
import type { Bench } from "../bench.ts";
import { load } from "../load/load.ts";
import { atMostTimes, type Goal, type Measure, type Round, under } from "../measure.ts";
import type { Options } from "../options.ts";
import { filledIds } from "../sides/fill.ts";
import { openSide, type RunningSide, type Side, withCpu } from "../sides/side.ts";
import { OURS } from "../sides/sides.ts";
import { BODY, JSON_HEADERS, makeWidget } from "../sides/widget.ts";
import { type Page, pageTimes } from "./pages.ts";

const SMALL = 1000;
const LARGE = 1_000_000;
const QUICK_LARGE = 100_000;

/** Number of resources that are polled repeatedly. */
const POLLED_RESOURCES = 1000;

const MAX_LIST_MS = 20;

interface Costs {
  readonly polled: Round;
  readonly any: Round;
  readonly post: Round;
  readonly pages: readonly (readonly [Page, Round])[];
}

/** Measures GET, POST, list pages and the dashboard's overview by the number of stored resources. */
export async function runSizes({ options, services, sides, log }: Bench): Promise<readonly Measure[]> {
  const sizes = [SMALL, options.quick ? QUICK_LARGE : LARGE];
  const measures: Measure[] = [];
  for (const side of sides.filter(({ name }) => name === OURS.sqlite || name === OURS.postgres)) {
    const costs = new Map<number, Costs>();
    for (const size of sizes) {
      log(`sizes: ${side.name} with ${size} resources`);
      costs.set(size, await costsOf(side, services, size, options));
    }
    measures.push(...measuresOf(side.name, costs));
  }
  return measures;
}

async function costsOf(side: Side, services: Bench["services"], size: number, options: Options): Promise<Costs> {
  const opened = await openSide(side, services);
  try {
    const before = await opened.start();
    const id = await makeWidget(before.origin);
    await before.stop();
    await opened.fill(size);
    const running = await opened.start();
    try {
      return await measured(running, id, size, options);
    } finally {
      await running.stop();
    }
  } finally {
    await opened.release();
  }
}

async function measured(running: RunningSide, id: string, size: number, { seconds }: Options): Promise<Costs> {
  const { origin } = running;
  const get = { origin, method: "GET", connections: 64, seconds } as const;
  const pathsOf = (count: number): string[] => filledIds(id, size, count).map((each) => `/api/widgets/${each}`);
  const polled = { ...get, paths: pathsOf(POLLED_RESOURCES) };
  await load({ ...polled, seconds: 1 });
  const post = { origin, method: "POST", connections: 64, seconds, paths: ["/api/widgets"], body: BODY } as const;
  return {
    pages: await pageTimes(origin),
    polled: roundOf(await withCpu(running, async () => load(polled))),
    any: roundOf(await withCpu(running, async () => load({ ...get, paths: pathsOf(50_000) }))),
    post: roundOf(await withCpu(running, async () => load({ ...post, headers: JSON_HEADERS }))),
  };
}

function roundOf({ perSecond, p50Ms, p99Ms, cpuUs }: Record<"perSecond" | "p50Ms" | "p99Ms" | "cpuUs", number>): Round {
  return { msEach: 1000 / perSecond, perSecond, p50Ms, p99Ms, cpuUs };
}

const KINDS = {
  polled: `GET, ${POLLED_RESOURCES.toLocaleString("en")} resources polled`,
  any: "GET, any of 50,000",
  post: "POST",
} as const;

function measuresOf(side: string, costs: ReadonlyMap<number, Costs>): readonly Measure[] {
  const stored = (size: number): string => `${size.toLocaleString("en")} stored`;
  const [small = 0, large = 0] = costs.keys();
  const byKind = (["polled", "any", "post"] as const).map((kind): Measure => {
    const sides = Object.fromEntries([...costs].map(([size, cost]) => [stored(size), [cost[kind]]]));
    const measure = { name: `${side}: ${KINDS[kind]}`, compared: "msEach", unit: "ms of the server", sides };
    const goals = [atMostTimes(measure, stored(large), 1.1, stored(small))];
    return { ...measure, base: stored(small), goals };
  });
  const pages: Record<string, readonly Round[]> = {};
  for (const [size, cost] of costs) {
    for (const [page, round] of cost.pages) pages[`${page}, ${stored(size)}`] = [round];
  }
  const listed = { name: `${side}: pages of lists`, compared: "p50Ms", unit: "ms", sides: pages };
  const goals = Object.keys(listed.sides).map((page): Goal => under(listed, page, MAX_LIST_MS));
  return [...byKind, { ...listed, goals }];
}
