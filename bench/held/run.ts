// 10,000 GETs held with If-None-Match and Prefer: wait, each by a resource of its own or all by the same: what a held GET takes, and
// how long it is from the change until every client has its answer, beside plain node:http that holds as many responses in an array.
import { type ChildProcess, fork, type ForkOptions } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../bench.ts";
import { atMostTimes, type Measure, type Round } from "../measure.ts";
import { isPinned, SERVER_CORE } from "../process.ts";
import { OURS, RAW } from "../sides/sides.ts";
import { Clients } from "./clients.ts";

const COUNT = Number(process.env["BENCH_HELD"] ?? 10_000);
const SERVER = new URL("server.ts", import.meta.url).pathname;
const SIDES = { [RAW]: "raw", [OURS.sqlite]: "afoot" } as const;

interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** Memory of a held GET, and the time to wake all. */
export async function runHeld({ options, say }: Bench): Promise<readonly Measure[]> {
  const memory: Record<string, Round[]> = {};
  const wake: Record<string, Round[]> = {};
  const wakeEach: Record<string, Round[]> = {};
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, side] of Object.entries(SIDES)) {
      say(`held, round ${round} of ${options.rounds}: ${name}`);
      const { heapKB, residentKB, ...woken } = await roundOf(side, COUNT);
      (memory[name] ??= []).push({ residentKB, heapKB });
      (wakeEach[name] ??= []).push(woken);
      const { wokenMs, changedMs } = await roundOf(side, 1);
      (wake[name] ??= []).push({ wokenMs, changedMs });
    }
  }
  const held = `${COUNT.toLocaleString("en")} held GETs`;
  const each = { name: `${held}: memory of each`, compared: "residentKB", unit: "kB", base: RAW, sides: memory };
  const woken = { compared: "wokenMs", unit: "ms", base: RAW };
  const all = { ...woken, name: `${held} of one resource: until all are answered`, sides: wake };
  const others = {
    ...woken,
    name: `${held} of as many resources: until all have changed and are answered`,
    sides: wakeEach,
  };
  return [
    { ...each, goals: [atMostTimes(each, OURS.sqlite, 1.3, RAW)] },
    { ...all, goals: [atMostTimes(all, OURS.sqlite, 1.3, RAW)] },
    { ...others, goals: [] },
  ];
}

interface Held {
  readonly heapKB: number;
  readonly residentKB: number;
  /** Until every client has its answer. */
  readonly wokenMs: number;
  /** Of it, until all resources have changed. */
  readonly changedMs: number;
}

async function roundOf(side: string, resources: number): Promise<Held> {
  const child = fork(SERVER, [side, String(COUNT), String(resources)], onServerCore(EXEC_ARGV));
  const { port, paths } = await said<{ port: number; paths: string[] }>(child);
  const tags = side === "raw" ? [] : await tagsOf(port, paths);
  // What is kept of every resource that was read belongs to no held GET.
  const before = (await heldBy(child)).memory;
  const clients = new Clients(COUNT);
  await clients.open(port, (index) => requestOf(paths[index] ?? "", tags[index] ?? '"none"'));
  const during = await heldAll(child);
  const began = performance.now();
  const changed = said<{ changedMs: number }>(child);
  child.send("wake");
  await clients.all();
  const wokenMs = performance.now() - began;
  const { changedMs } = await changed;
  const uninformed = COUNT - clients.informed;
  if (uninformed > 0) throw new Error(`${side}: ${uninformed} held GETs were not told what is new`);
  clients.close();
  child.send("end");
  await once(child, "exit");
  const each = (kind: keyof Memory): number => (during[kind] - before[kind]) / COUNT / 1024;
  return { heapKB: each("heap"), residentKB: each("resident"), wokenMs, changedMs };
}

const EXEC_ARGV = ["--conditions=@afoot/source", "--expose-gc"];

/** The clients, which are this process, then have the other core. */
function onServerCore(execArgv: string[]): ForkOptions {
  if (!isPinned) return { execArgv };
  return { execPath: "taskset", execArgv: ["-c", String(SERVER_CORE), process.execPath, ...execArgv] };
}

function requestOf(path: string, tag: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ${tag}\r\nPrefer: wait=60\r\n\r\n`;
}

async function tagsOf(port: number, paths: readonly string[]): Promise<string[]> {
  const tags: string[] = [];
  for (let from = 0; from < paths.length; from += 100) {
    const answers = paths.slice(from, from + 100).map((path) => fetch(`http://127.0.0.1:${port}${path}`));
    for (const answer of await Promise.all(answers)) {
      tags.push(answer.headers.get("etag") ?? "");
      await answer.text();
    }
  }
  return tags;
}

/** Asks until the server holds them all. */
async function heldAll(child: ChildProcess): Promise<Memory> {
  for (;;) {
    const { held, memory } = await heldBy(child);
    if (held === COUNT) return memory;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function heldBy(child: ChildProcess): Promise<{ readonly held: number; readonly memory: Memory }> {
  child.send("held?");
  return said<{ held: number; memory: Memory }>(child);
}

/** The next message of the server. That it ends instead is a fault. */
async function said<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const onExit = (code: unknown): void => ended.abort(new Error(`the server ended with ${String(code)}`));
  child.once("exit", onExit);
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what its own server says
    const [message] = (await once(child, "message", { signal: ended.signal })) as [Message];
    return message;
  } finally {
    child.off("exit", onExit);
  }
}
