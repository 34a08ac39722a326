import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** The core of servers, and that of who loads them. Databases run where the system puts them. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const pinnable = canRun("taskset", ["-c", String(LOAD_CORE), "true"]);

/** Whether server and load are kept on cores of their own. */
export const isPinned: boolean = pinnable;

/** Whether a program is there. */
export function canRun(program: string, argv: readonly string[]): boolean {
  try {
    execFileSync(program, argv, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs a program on one core where that can be asked for. */
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

/** Asks a process to end, and waits until it has; after 15 s it is not asked any more. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  child.kill("SIGTERM");
  await ended;
  clearTimeout(timer);
}

const TICK_US = 10_000;

/** Processor time that a process has used so far, in microseconds, its threads included; NaN where the system does not say. */
export function cpuUsOf({ pid }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return NaN;
  }
}

/** Resident memory of a process in bytes; NaN where the system does not say. */
export function residentOf({ pid }: ChildProcess): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return pages * 4096;
  } catch {
    return NaN;
  }
}

/** Waits until something listens and answers. */
export async function answering(origin: string, child: ChildProcess): Promise<void> {
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
