// Measures a server under five times its peak load: goodput, latency, memory, and the time to recover.
import { createInterface } from "node:readline";
import type { Bench } from "../bench.ts";
import { type Goal, type Measure, median, type Round, formatNumber } from "../measure.ts";
import { LOAD_CORES, onCores } from "../process.ts";
import { type RunningSide, startSide } from "../sides/side.ts";
import { OURS } from "../sides/sides.ts";
import { SECOND, type Second } from "./second.ts";

const CLIENTS = new URL("clients.ts", import.meta.url).pathname;
/** Number of connections at the peak. The next constant is the maximum under overload. */
const PEAK_CONNECTIONS = 512;
const MAX_CONNECTIONS = 4000;
const FACTOR = 5;

/** Measures goodput, latency and memory during and after overload. */
export async function runOverload({ options, services, sides, log }: Bench): Promise<readonly Measure[]> {
  const seconds = Number(process.env["BENCH_OVERLOAD_SECONDS"] ?? (options.quick ? 4 : 30));
  const rounds: Record<string, Round[]> = {};
  for (const side of sides.filter(({ name }) => name === OURS.sqlite || name === OURS.postgres)) {
    const running = await startSide(side, services);
    try {
      (rounds[side.name] ??= []).push(
        await roundOf(running, seconds, (text) => log(`overload: ${side.name}: ${text}`)),
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

async function roundOf(running: RunningSide, seconds: number, log: (text: string) => void): Promise<Round> {
  const port = Number(new URL(running.origin).port);
  await runClients(port, { seconds: 5, rate: 0, connections: PEAK_CONNECTIONS });
  const peak = median((await runClients(port, { seconds: 10, rate: 0, connections: PEAK_CONNECTIONS })).map(servedIn));
  log(`peak ${formatNumber(peak)}/s`);
  const resident: number[] = [];
  const overload = await runClients(
    port,
    { seconds, rate: peak * FACTOR, connections: MAX_CONNECTIONS },
    (second, index) => {
      resident.push(running.resident() / 2 ** 20);
      if (index % 10 === 9) log(`${index + 1} s: ${JSON.stringify(second)} ${formatNumber(resident.at(-1) ?? 0)} MiB`);
    },
  );
  const after = await runClients(port, { seconds: 10, rate: peak / 2, connections: MAX_CONNECTIONS });
  const third = Math.ceil(resident.length / 3);
  return {
    peakPerSecond: peak,
    askedPerSecond: median(overload.map(({ attempted }) => attempted)),
    // Rejections are delayed, so a client that waits for one sends nothing else meanwhile.
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
      measured: `${formatNumber(goodputPercent)} %`,
      isMet: goodputPercent >= 80,
    },
    {
      goal: `${name}: p99 of what is served below 2 s in every second`,
      measured: `${formatNumber(worstP99Ms)} ms`,
      isMet: worstP99Ms < 2000,
    },
    {
      goal: `${name}: memory of the last third at most a quarter above the second`,
      measured: `${formatNumber(memoryEndMiB)} MiB beside ${formatNumber(memoryStartMiB)} MiB`,
      isMet: memoryEndMiB <= memoryStartMiB * 1.25,
    },
    {
      goal: `${name}: everything is answered 202 or 503`,
      measured: `${formatNumber(otherAnswers)} others`,
      isMet: otherAnswers === 0,
    },
    {
      goal: `${name}: nothing is refused any more from the third second after`,
      measured: recoveredAfterSeconds === 0 ? "not within 10 s" : `from second ${recoveredAfterSeconds}`,
      isMet: recoveredAfterSeconds > 0 && recoveredAfterSeconds <= 3,
    },
  ];
}

interface LoadOptions {
  readonly seconds: number;
  readonly rate: number;
  readonly connections: number;
}

async function runClients(
  port: number,
  { seconds, rate, connections }: LoadOptions,
  onSecond: (second: Second, index: number) => void = () => {},
): Promise<readonly Second[]> {
  const argv = [port, seconds, Math.round(rate), connections].map(String);
  const child = onCores(LOAD_CORES, [process.execPath, "--conditions=@afoot/source", CLIENTS, ...argv]);
  if (child.stdout === null) throw new Error("the clients have no standard output");
  const receivedSeconds: Second[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const second = SECOND.parse(JSON.parse(line));
    onSecond(second, receivedSeconds.length);
    receivedSeconds.push(second);
  }
  if (receivedSeconds.length < seconds) {
    throw new Error(`the clients ended after ${receivedSeconds.length} of ${seconds} s`);
  }
  return receivedSeconds;
}

function servedIn({ served }: Second): number {
  return served;
}

function sum(seconds: readonly Second[], name: "other" | "lost"): number {
  return seconds.reduce((total, second) => total + second[name], 0);
}
