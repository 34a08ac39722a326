import { z } from "zod";
import { median, type Round } from "../measure.ts";
import type { RunningSide } from "../sides/side.ts";
import { BODY } from "../sides/widget.ts";
import { Connection } from "./connection.ts";

const REPRESENTATION = z.looseObject({ status: z.string() });

/** Minimum number of measured lifecycles of a side that is slow. */
const MIN_TIMES = 3;

/**
 * Sends one POST at a time to an idle server, and measures the time to the 202 and to the first Ready. The first third is
 * the warm-up.
 */
export async function idle({ origin }: RunningSide, times: number, seconds: number): Promise<Round> {
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
    if (time < times / 3 && performance.now() < endsAt) continue;
    acceptedMs.push(accepted);
    readyMs.push(performance.now() - startedAt);
  }
  connection.close();
  return { readyMs: median(readyMs), acceptedMs: median(acceptedMs) };
}
