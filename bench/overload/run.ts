// What a server does with five times the load that it can serve: how much of its peak it still serves, how long that takes, what its
// memory does, and how soon it is itself again.
import { createInterface } from "node:readline";
import type { Bench } from "../bench.ts";
import { type Goal, type Measure, median, type Round, shown } from "../measure.ts";
import { LOAD_CORE, onCore } from "../process.ts";
import { type Running, startSide } from "../sides/side.ts";
import { OURS } from "../sides/sides.ts";
import { SECOND, type Second } from "./second.ts";

const CLIENTS = new URL("clients.ts", import.meta.url).pathname;
/** So many ask at the peak, and so many connections there are at most under overload. */
const PEAK_CONNECTIONS = 512;
const MOST_CONNECTIONS = 4000;
const FACTOR = 5;

/** Goodput, latency and memory under overload, and after it. */
export async function runOverload({ options, services, sides, say }: Bench): Promise<readonly Measure[]> {
  const seconds = Number(process.env["BENCH_OVERLOAD_SECONDS"] ?? (options.quick ? 10 : 60));
  const rounds: Record<string, Round[]> = {};
  for (const side of sides.filter(({ name }) => name === OURS.sqlite || name === OURS.postgres)) {
    const running = await startSide(side, services);
    try {
      (rounds[side.name] ??= []).push(
        await roundOf(running, seconds, (text) => say(`overload: ${side.name}: ${text}`)),
      );
    } finally {
      await running.stop();
    }
  }
  const measure = {
    name: `${FACTOR} times the load that can be served, for ${seconds} s`,
    compared: "goodputPercent",
    unit: "% of the peak",
    sides: rounds,
  };
  return [{ ...measure, goals: Object.entries(rounds).flatMap(([name, [round]]) => goalsOf(name, round)) }];
}

async function roundOf(running: Running, seconds: number, say: (text: string) => void): Promise<Round> {
  const port = Number(new URL(running.origin).port);
  await ask(port, { seconds: 5, rate: 0, connections: PEAK_CONNECTIONS });
  const peak = median((await ask(port, { seconds: 10, rate: 0, connections: PEAK_CONNECTIONS })).map(servedIn));
  say(`peak ${shown(peak)}/s`);
  const resident: number[] = [];
  const overload = await ask(port, { seconds, rate: peak * FACTOR, connections: MOST_CONNECTIONS }, (second, index) => {
    resident.push(running.resident() / 2 ** 20);
    if (index % 10 === 9) say(`${index + 1} s: ${JSON.stringify(second)} ${shown(resident.at(-1) ?? 0)} MiB`);
  });
  const after = await ask(port, { seconds: 10, rate: peak / 2, connections: MOST_CONNECTIONS });
  const third = Math.ceil(resident.length / 3);
  return {
    peakPerSecond: peak,
    askedPerSecond: median(overload.map(({ asked }) => asked)),
    // Refusals are paced: a client that waits for one asks nothing else meanwhile.
    answeredPerSecond: median(overload.map(({ served, shed }) => served + shed)),
    goodputPercent: (median(overload.map(servedIn)) / peak) * 100,
    worstSecondPercent: (Math.min(...overload.slice(1).map(servedIn)) / peak) * 100,
    p99Ms: median(overload.map(({ p99Ms }) => p99Ms)),
    worstP99Ms: Math.max(...overload.map(({ p99Ms }) => p99Ms)),
    otherAnswers: sum(overload, "other") + sum(overload, "lost"),
    memoryStartMiB: median(resident.slice(third, 2 * third)),
    memoryEndMiB: median(resident.slice(2 * third)),
    recoveredAfterSeconds: after.findIndex(({ shed, lost, other }) => shed + lost + other === 0) + 1,
    p99AfterMs: after.at(-1)?.p99Ms ?? NaN,
  };
}

function goalsOf(name: string, round: Round | undefined): Goal[] {
  if (round === undefined) return [];
  const { goodputPercent = NaN, worstP99Ms = NaN, memoryStartMiB = NaN, memoryEndMiB = NaN } = round;
  const { recoveredAfterSeconds = 0, otherAnswers = NaN } = round;
  return [
    {
      goal: `${name}: goodput of at least 80 % of the peak`,
      measured: `${shown(goodputPercent)} %`,
      isMet: goodputPercent >= 80,
    },
    {
      goal: `${name}: p99 of what is served below 2 s in every second`,
      measured: `${shown(worstP99Ms)} ms`,
      isMet: worstP99Ms < 2000,
    },
    {
      goal: `${name}: memory of the last third at most a quarter above the second`,
      measured: `${shown(memoryEndMiB)} MiB beside ${shown(memoryStartMiB)} MiB`,
      isMet: memoryEndMiB <= memoryStartMiB * 1.25,
    },
    {
      goal: `${name}: everything is answered 202 or 503`,
      measured: `${shown(otherAnswers)} others`,
      isMet: otherAnswers === 0,
    },
    {
      goal: `${name}: nothing is refused any more from the third second after`,
      measured: recoveredAfterSeconds === 0 ? "not within 10 s" : `from second ${recoveredAfterSeconds}`,
      isMet: recoveredAfterSeconds > 0 && recoveredAfterSeconds <= 3,
    },
  ];
}

interface Asked {
  readonly seconds: number;
  readonly rate: number;
  readonly connections: number;
}

async function ask(
  port: number,
  { seconds, rate, connections }: Asked,
  onSecond: (second: Second, index: number) => void = () => {},
): Promise<readonly Second[]> {
  const argv = [port, seconds, Math.round(rate), connections].map(String);
  const child = onCore(LOAD_CORE, [process.execPath, "--conditions=@afoot/source", CLIENTS, ...argv]);
  if (child.stdout === null) throw new Error("the clients have no standard output");
  const told: Second[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const second = SECOND.parse(JSON.parse(line));
    onSecond(second, told.length);
    told.push(second);
  }
  if (told.length < seconds) throw new Error(`the clients ended after ${told.length} of ${seconds} s`);
  return told;
}

function servedIn({ served }: Second): number {
  return served;
}

function sum(seconds: readonly Second[], name: "other" | "lost"): number {
  return seconds.reduce((total, second) => total + second[name], 0);
}
