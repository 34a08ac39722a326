// Measures 10,000 long polls (If-None-Match and Prefer: wait) of one resource or of as many resources: the memory of each, and the time
// from a change until every client has its response. Compares with plain node:http that keeps the responses in an array.
import { type ChildProcess, fork, type ForkOptions } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../bench.ts";
import { atMostTimes, type Measure, type Round } from "../measure.ts";
import { isPinned, SIDE_CORES } from "../process.ts";
import { OURS, RAW } from "../sides/sides.ts";
import { Clients } from "./clients.ts";

const COUNT = Number(process.env["BENCH_LONG_POLLS"] ?? 10_000);
const SERVER = new URL("server.ts", import.meta.url).pathname;
const SIDES = { [RAW]: "raw", [OURS.sqlite]: "afoot" } as const;

interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** Measures the memory of a long poll, and the time to answer all of them. */
export async function runLongPoll({ options, log }: Bench): Promise<readonly Measure[]> {
  const memory: Record<string, Round[]> = {};
  const wake: Record<string, Round[]> = {};
  const wakeEach: Record<string, Round[]> = {};
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, side] of Object.entries(SIDES)) {
      log(`long-poll, round ${round} of ${options.rounds}: ${name}`);
      const { heapKB, residentKB, ...woken } = await roundOf(side, COUNT);
      (memory[name] ??= []).push({ residentKB, heapKB });
      (wakeEach[name] ??= []).push(woken);
      const { wokenMs, changedMs } = await roundOf(side, 1);
      (wake[name] ??= []).push({ wokenMs, changedMs });
    }
  }
  const longPolls = `${COUNT.toLocaleString("en")} long polls`;
  const each = { name: `${longPolls}: memory of each`, compared: "residentKB", unit: "kB", base: RAW, sides: memory };
  const woken = { compared: "wokenMs", unit: "ms", base: RAW };
  const all = { ...woken, name: `${longPolls} of one resource: until all are answered`, sides: wake };
  const others = {
    ...woken,
    name: `${longPolls} of as many resources: until all have changed and are answered`,
    sides: wakeEach,
  };
  return [
    { ...each, goals: [atMostTimes(each, OURS.sqlite, 1.3, RAW)] },
    { ...all, goals: [atMostTimes(all, OURS.sqlite, 1.3, RAW)] },
    { ...others, goals: [] },
  ];
}

interface LongPollResult {
  readonly heapKB: number;
  readonly residentKB: number;
  /** Time until every client has its response. */
  readonly wokenMs: number;
  /** Time until all resources have changed. */
  readonly changedMs: number;
}

async function roundOf(side: string, resources: number): Promise<LongPollResult> {
  const child = fork(SERVER, [side, String(COUNT), String(resources)], onServerCore(EXEC_ARGV));
  const { port, paths } = await nextMessage<{ port: number; paths: string[] }>(child);
  const tags = side === "raw" ? [] : await tagsOf(port, paths);
  // Excludes the cache of resources that were read.
  const before = (await serverState(child)).memory;
  const clients = new Clients(COUNT);
  await clients.open(port, (index) => requestOf(paths[index] ?? "", tags[index] ?? '"none"'));
  const during = await untilAllWaiting(child);
  const startedAt = performance.now();
  const changed = nextMessage<{ changedMs: number }>(child);
  child.send("wake");
  await clients.untilAllAnswered();
  const wokenMs = performance.now() - startedAt;
  const { changedMs } = await changed;
  const unnotified = COUNT - clients.notified;
  if (unnotified > 0) throw new Error(`${side}: ${unnotified} long polls did not receive the change`);
  clients.close();
  child.send("end");
  await once(child, "exit");
  const each = (kind: keyof Memory): number => (during[kind] - before[kind]) / COUNT / 1024;
  return { heapKB: each("heap"), residentKB: each("resident"), wokenMs, changedMs };
}

const EXEC_ARGV = ["--conditions=@afoot/source", "--expose-gc"];

/** Pins the server to its core. The clients run in this process. */
function onServerCore(execArgv: string[]): ForkOptions {
  if (!isPinned) return { execArgv };
  return { execPath: "taskset", execArgv: ["-c", SIDE_CORES, process.execPath, ...execArgv] };
}

function requestOf(path: string, tag: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ${tag}\r\nPrefer: wait=60\r\n\r\n`;
}

async function tagsOf(port: number, paths: readonly string[]): Promise<string[]> {
  const tags: string[] = [];
  for (let from = 0; from < paths.length; from += 100) {
    const responses = paths.slice(from, from + 100).map((path) => fetch(`http://127.0.0.1:${port}${path}`));
    for (const response of await Promise.all(responses)) {
      tags.push(response.headers.get("etag") ?? "");
      await response.text();
    }
  }
  return tags;
}

/** Polls until all requests are waiting. */
async function untilAllWaiting(child: ChildProcess): Promise<Memory> {
  for (;;) {
    const { waiting, memory } = await serverState(child);
    if (waiting === COUNT) return memory;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function serverState(child: ChildProcess): Promise<{ readonly waiting: number; readonly memory: Memory }> {
  child.send("state");
  return nextMessage<{ waiting: number; memory: Memory }>(child);
}

/** Receives the next message of the server. @throws Error if the server exits instead */
async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const onExit = (code: unknown): void => ended.abort(new Error(`the server ended with ${String(code)}`));
  child.once("exit", onExit);
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the message format of server.ts
    const [message] = (await once(child, "message", { signal: ended.signal })) as [Message];
    return message;
  } finally {
    child.off("exit", onExit);
  }
}
