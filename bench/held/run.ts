// 10,000 GETs held with If-None-Match and Prefer: wait, each for a resource of its own; then all resources change. Prints what a held GET
// takes and how long it is until every client has its answer, beside plain node:http that holds as many responses in an array.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Clients } from "./clients.ts";

const COUNT = Number(process.env["BENCH_HELD"] ?? 10_000);
const SERVER = new URL("server.ts", import.meta.url).pathname;

interface Memory {
  readonly heap: number;
  readonly resident: number;
}

for (const side of ["raw", "afoot"]) {
  const child = fork(SERVER, [side, String(COUNT)], { execArgv: ["--conditions=@afoot/source", "--expose-gc"] });
  const { port, paths, memory: before } = await said<{ port: number; paths: string[]; memory: Memory }>(child);
  const tags = side === "raw" ? [] : await tagsOf(port, paths);
  const clients = new Clients(COUNT);
  await clients.open(port, (index) => requestOf(paths[index] ?? "", tags[index] ?? '"none"'));
  const during = await heldAll(child);
  const began = performance.now();
  const changed = said<{ changedMs: number }>(child);
  child.send("wake");
  await clients.all();
  const tookMs = performance.now() - began;
  const each = (kind: keyof Memory): string => `${((during[kind] - before[kind]) / COUNT / 1024).toFixed(1)} kB`;
  const { changedMs } = await changed;
  console.log(
    `${side}: ${COUNT} GETs held, ${each("heap")} of heap and ${each("resident")} resident each, socket included;`,
  );
  const times = `all resources had changed after ${Math.round(changedMs)} ms, all answers were there after ${Math.round(tookMs)} ms`;
  console.log(`  ${clients.informed} were told what is new: ${times}`);
  if (clients.informed !== COUNT) process.exitCode = 1;
  clients.close();
  child.send("end");
  await once(child, "exit");
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
    child.send("held?");
    const { held, memory } = await said<{ held: number; memory: Memory }>(child);
    if (held === COUNT) return memory;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
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
