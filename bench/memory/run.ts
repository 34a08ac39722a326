// What the server takes in memory: after its start, with many resources in progress, and whether it stays so while they are polled.
import { z } from "zod";
import type { Bench } from "../bench.ts";
import { Connection } from "../http/connection.ts";
import { load } from "../load/load.ts";
import { type Goal, type Measure, type Round, shown } from "../measure.ts";
import { type Running, startSide } from "../sides/side.ts";
import { OURS } from "../sides/sides.ts";
import { BODY, JSON_HEADERS } from "../sides/widget.ts";

const COUNT = 100_000;
const QUICK_COUNT = 5000;

/** How much it may grow while nothing but polling goes on. */
const FLAT = 1.1;

const PAGE = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });

/** Resident memory over the life of a server. */
export async function runMemory({ options, services, sides, say }: Bench): Promise<readonly Measure[]> {
  const side = sides.find(({ name }) => name === OURS.sqlite);
  if (side === undefined) return [];
  const count = options.quick ? QUICK_COUNT : COUNT;
  const running = await startSide(side, services);
  try {
    const rounds: Record<string, Round[]> = { "after start": [{ residentMB: megabytes(running) }] };
    say(`memory: ${count} resources are made`);
    const made = await postAtLeast(running.origin, count);
    const many = `${made.toLocaleString("en")} in progress`;
    rounds[many] = [{ residentMB: megabytes(running) }];
    const polled = [0, 1, 2].map((time) => `${many}, polled for ${(time + 1) * options.seconds * 2} s`);
    for (const name of polled) {
      say(`memory: ${name}`);
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

function megabytes({ resident }: Running): number {
  return resident() / 2 ** 20;
}

/** Posts until there are so many; work that sleeps for an hour keeps them in progress. */
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
  const measured = `${shown(first)} MB, then ${shown(last)} MB`;
  return { goal: `flat: at most ${FLAT} times as much after more of the same`, measured, isMet: last <= first * FLAT };
}
