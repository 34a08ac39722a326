// Measures the server's memory after its start, with many resources in progress, and while they are polled.
import { z } from "zod";
import type { Bench } from "../bench.ts";
import { Connection } from "../http/connection.ts";
import { load } from "../load/load.ts";
import { type Goal, type Measure, type Round, formatNumber } from "../measure.ts";
import { type RunningSide, startSide } from "../sides/side.ts";
import { OURS } from "../sides/sides.ts";
import { BODY, JSON_HEADERS } from "../sides/widget.ts";

const COUNT = 100_000;
const QUICK_COUNT = 5000;

/** Maximum growth during mere polling. */
const MAX_GROWTH = 1.1;

const PAGE = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });

/** Measures the resident memory of a server over its life. */
export async function runMemory({ options, services, sides, log }: Bench): Promise<readonly Measure[]> {
  const side = sides.find(({ name }) => name === OURS.sqlite);
  if (side === undefined) return [];
  const count = options.quick ? QUICK_COUNT : COUNT;
  const running = await startSide(side, services);
  try {
    const rounds: Record<string, Round[]> = { "after start": [{ residentMB: megabytes(running) }] };
    log(`memory: ${count} resources are created`);
    const made = await postAtLeast(running.origin, count);
    const many = `${made.toLocaleString("en")} in progress`;
    rounds[many] = [{ residentMB: megabytes(running) }];
    const polled = [0, 1, 2].map((time) => `${many}, polled for ${(time + 1) * options.seconds * 2} s`);
    for (const name of polled) {
      log(`memory: ${name}`);
      await poll(running.origin, options.seconds * 2);
      rounds[name] = [{ residentMB: megabytes(running) }];
    }
    const measure = { name: `${side.name}: memory`, compared: "residentMB", unit: "MB", sides: rounds };
    const at = (name: string | undefined): number => rounds[name ?? ""]?.[0]?.["residentMB"] ?? NaN;
    return [{ ...measure, goals: [flat(at(polled[0]), at(polled.at(-1)))] }];
  } finally {
    await running.stop();
  }
}

function megabytes({ resident }: RunningSide): number {
  return resident() / 2 ** 20;
}

/** Creates at least this number of resources. Their work sleeps for an hour, so they stay in progress. */
async function postAtLeast(origin: string, count: number): Promise<number> {
  let made = 0;
  while (made < count) {
    const post = { origin, paths: ["/api/slow-widgets"], method: "POST", connections: 64, body: BODY } as const;
    made += (await load({ ...post, headers: JSON_HEADERS, seconds: 2 })).requests;
  }
  return made;
}

async function poll(origin: string, seconds: number): Promise<void> {
  const connection = new Connection(origin);
  const { body } = await connection.request("GET", "/api/slow-widgets?limit=200");
  connection.close();
  const paths = PAGE.parse(JSON.parse(body)).items.map(({ id }) => `/api/slow-widgets/${id}`);
  await load({ origin, paths, method: "GET", connections: 64, seconds });
}

function flat(first: number, last: number): Goal {
  const measured = `${formatNumber(first)} MB, then ${formatNumber(last)} MB`;
  return {
    goal: `flat: at most ${MAX_GROWTH} times as much after more of the same`,
    measured,
    isMet: last <= first * MAX_GROWTH,
  };
}
