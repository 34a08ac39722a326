import { z } from "zod";
import { median, type Round } from "../measure.ts";
import type { Running } from "../sides/side.ts";
import { BODY } from "../sides/widget.ts";
import { Connection } from "./connection.ts";

const SHOWN = z.looseObject({ status: z.string() });

/** One POST at a time on an idle server, each followed until it is Ready: how long until the 202, and until Ready is seen. */
export async function idle({ origin }: Running, times: number): Promise<Round> {
  const acceptedMs: number[] = [];
  const readyMs: number[] = [];
  const connection = new Connection(origin);
  for (let time = 0; time < times + WARM_UP; time++) {
    const began = performance.now();
    const { location } = await connection.request("POST", "/api/widgets", BODY);
    const accepted = performance.now() - began;
    if (location === undefined) throw new Error(`${origin}: POST gave no Location`);
    while (SHOWN.parse(JSON.parse((await connection.request("GET", location)).body)).status !== "Ready");
    if (time < WARM_UP) continue;
    acceptedMs.push(accepted);
    readyMs.push(performance.now() - began);
  }
  connection.close();
  return { readyMs: median(readyMs), acceptedMs: median(acceptedMs) };
}

const WARM_UP = 20;
