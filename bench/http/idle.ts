import { z } from "zod";
import { median, type Round } from "../measure.ts";
import type { RunningSide } from "../sides/side.ts";
import { BODY } from "../sides/widget.ts";
import { Connection } from "./connection.ts";

const REPRESENTATION = z.looseObject({ status: z.string() });

/** Sends one POST at a time to an idle server, and measures the time to the 202 and to the first Ready. */
export async function idle({ origin }: RunningSide, times: number): Promise<Round> {
  const acceptedMs: number[] = [];
  const readyMs: number[] = [];
  const connection = new Connection(origin);
  for (let time = 0; time < times + WARM_UP_ROUNDS; time++) {
    const startedAt = performance.now();
    const { location } = await connection.request("POST", "/api/widgets", BODY);
    const accepted = performance.now() - startedAt;
    if (location === undefined) throw new Error(`${origin}: POST gave no Location`);
    while (REPRESENTATION.parse(JSON.parse((await connection.request("GET", location)).body)).status !== "Ready");
    if (time < WARM_UP_ROUNDS) continue;
    acceptedMs.push(accepted);
    readyMs.push(performance.now() - startedAt);
  }
  connection.close();
  return { readyMs: median(readyMs), acceptedMs: median(acceptedMs) };
}

const WARM_UP_ROUNDS = 20;
