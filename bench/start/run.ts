// Measures the time from `afoot start` to the first response, with stored resources, from the built package.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "../../test/support/free-port.ts";
import type { Bench } from "../bench.ts";
import { type Measure, type Round, under } from "../measure.ts";
import { untilResponding, stopProcess } from "../process.ts";
import { fillStatement } from "../sides/fill.ts";
import { OURS, RAW } from "../sides/sides.ts";
import { makeWidget } from "../sides/widget.ts";

const ROOT = join(import.meta.dirname, "../..");
const STORED = 100_000;
const ROUNDS = 7;
const MAX_START_MS = 300;

/** Measures the time from the start of the process to its first response. */
export async function runStart({ log }: Bench): Promise<readonly Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-start-"));
  try {
    const path = join(folder, "bench.db");
    const ours = ["dist/main.js", "start", "bench/app.ts", "--store", `sqlite:${path}`];
    await fill(ours, path);
    const sides: Record<string, Round[]> = {};
    for (let round = 0; round < ROUNDS; round++) {
      log(`start, round ${round + 1} of ${ROUNDS}`);
      (sides[RAW] ??= []).push(await measureStart(["bench/peers/raw.ts"]));
      (sides[OURS.sqlite] ??= []).push(await measureStart(ours));
    }
    const stored = `${STORED.toLocaleString("en")} resources stored`;
    const measure = { name: `start to first answer, ${stored}`, compared: "answerMs", unit: "ms", sides };
    return [{ ...measure, base: RAW, goals: [under(measure, OURS.sqlite, MAX_START_MS)] }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(argv: readonly string[], path: string): Promise<void> {
  const port = await freePort();
  const child = spawnServer(argv, port);
  const origin = `http://127.0.0.1:${port}`;
  await untilResponding(origin, child);
  await makeWidget(origin);
  await stopProcess(child);
  using database = new DatabaseSync(path);
  database.exec(fillStatement("sqlite", "resources", STORED));
}

async function measureStart(argv: readonly string[]): Promise<Round> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawnServer(argv, port);
  await untilFirstResponse(port, child);
  const answerMs = performance.now() - startedAt;
  await stopProcess(child);
  return { answerMs };
}

function spawnServer(argv: readonly string[], port: number): ChildProcess {
  const env = { ...process.env, PORT: String(port), NODE_ENV: "production", AFOOT_LOG_LEVEL: "warn" };
  return spawn(process.execPath, argv, { cwd: ROOT, stdio: "ignore", env });
}

const REQUEST = "GET /api/slow-widgets/1m890vk1df9d8xks1s9ajp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/** Connects repeatedly until the server listens, and waits for the first bytes of its response. */
async function untilFirstResponse(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} before it responded`);
    const socket = connect({ port, host: "127.0.0.1" });
    const isAnswered = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => socket.write(REQUEST));
      socket.once("data", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isAnswered) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
