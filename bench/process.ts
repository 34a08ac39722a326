import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** Cores of the servers and of the load generator. The operating system schedules the databases. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const pinnable = canRun("taskset", ["-c", String(LOAD_CORE), "true"]);

/** True if server and load run on separate cores. */
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

/** Runs a program, pinned to one core if possible. */
export function onCore(
  core: number | undefined,
  [program, ...argv]: readonly [string, ...(readonly string[])],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const isBound = pinnable && core !== undefined;
  return spawn(isBound ? "taskset" : program, isBound ? ["-c", String(core), program, ...argv] : argv, {
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
