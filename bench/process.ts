import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const CORES = availableParallelism();

/** Cores of a side, with its databases, and cores of the load: one half each, as taskset expects them. */
export const SIDE_CORES = CORES < 4 ? "0" : `0-${CORES / 2 - 1}`;
export const LOAD_CORES = CORES < 4 ? "1" : `${CORES / 2}-${CORES - 1}`;

const pinnable = canRun("taskset", ["-c", LOAD_CORES, "true"]);

/** True if sides and load run on separate cores. */
export const isPinned: boolean = pinnable;

/** Returns true if a program runs successfully. */
export function canRun(program: string, argv: readonly string[]): boolean {
  try {
    execFileSync(program, argv, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs a program, pinned to cores if possible. */
export function onCores(
  cores: string,
  [program, ...argv]: readonly [string, ...(readonly string[])],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(pinnable ? "taskset" : program, pinnable ? ["-c", cores, program, ...argv] : argv, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", AFOOT_LOG_LEVEL: "warn", ...environment },
  });
}

/** Stops a process by SIGTERM, and by SIGKILL after 15 s. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  child.kill("SIGTERM");
  await ended;
  clearTimeout(timer);
}

/** Moves running processes with all their threads to the cores of the sides. */
export function pinToSide(pids: readonly number[]): void {
  if (!pinnable) return;
  for (const pid of pids) canRun("taskset", ["-acp", SIDE_CORES, String(pid)]);
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** CPU time with that of ended children, in microseconds. */
  readonly cpuUs: number;
}

/** Returns the processes that this process has started, directly or not: the side that runs, and its databases. */
export function descendants(): readonly ProcessStat[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  return below(process.pid, all);
}

function below(parent: number, all: readonly ProcessStat[]): ProcessStat[] {
  return all.flatMap((each) => (each.parent === parent ? [each, ...below(each.pid, all)] : []));
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return { pid, parent: fields[1] ?? 0, cpuUs: ticks * TICK_US };
  } catch {
    return undefined;
  }
}

const TICK_US = 10_000;

/** Returns the CPU time of a process and its threads so far, in microseconds. NaN if unavailable. */
export function cpuUsOf({ pid }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return NaN;
  }
}

/** Returns the resident memory of a process in bytes. NaN if unavailable. */
export function residentOf({ pid }: ChildProcess): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return pages * 4096;
  } catch {
    return NaN;
  }
}

/** Waits until the server responds. */
export async function untilResponding(origin: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server at ${origin} ended with ${child.exitCode ?? child.signalCode} before it answered`);
    }
    try {
      await (await fetch(`${origin}/livez`)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  }
}
