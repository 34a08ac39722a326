import { z } from "zod";
import { median, type Round } from "../measure.ts";
import type { RunningSide } from "../sides/side.ts";
import { BODY } from "../sides/widget.ts";
import { Connection } from "./connection.ts";

const REPRESENTATION = z.looseObject({ status: z.string() });

/** Minimum number of measured lifecycles of a side that is slow. */
const MIN_TIMES = 3;

/** Interval between counts of the settled resources. */
const COUNT_EVERY_MS = 300;

/**
 * Sends one POST at a time to a server with nothing else to do, and measures the time to the 202 and to the first Ready.
 * The server is warm: its code has been compiled by the loads before.
 */
export async function idle({ origin, completed }: RunningSide, times: number, seconds: number): Promise<Round> {
  await untilQuiet(completed);
  const acceptedMs: number[] = [];
  const readyMs: number[] = [];
  const connection = new Connection(origin);
  const endsAt = performance.now() + seconds * 1000;
  for (let time = 0; time < times; time++) {
    if (performance.now() > endsAt && readyMs.length >= MIN_TIMES) break;
    const startedAt = performance.now();
    const { location } = await connection.request("POST", "/api/widgets", BODY);
    const accepted = performance.now() - startedAt;
    if (location === undefined) throw new Error(`${origin}: POST gave no Location`);
    while (REPRESENTATION.parse(JSON.parse((await connection.request("GET", location)).body)).status !== "Ready");
    acceptedMs.push(accepted);
    readyMs.push(performance.now() - startedAt);
  }
  connection.close();
  return { readyMs: median(readyMs), acceptedMs: median(acceptedMs) };
}

/** Waits until nothing settles any more: a load before may have left resources in progress. */
async function untilQuiet(completed: RunningSide["completed"]): Promise<void> {
  for (let before = -1, now = await completed(); now !== before;) {
    await new Promise((resolve) => {
      setTimeout(resolve, COUNT_EVERY_MS);
    });
    before = now;
    now = await completed();
  }
}
