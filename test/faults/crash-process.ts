import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface CrashProcess {
  readonly process: ChildProcess;
  readonly origin: string;
}

/** Starts crash-server.ts with this environment, and waits until it has printed its origin. */
export async function startCrashServer(environment: Readonly<Record<string, string>>): Promise<CrashProcess> {
  const argv = ["--conditions=@afoot/source", join(import.meta.dirname, "crash-server.ts")];
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return { process: child, origin: new URL(line).origin };
  }
  throw new Error("the server ended before it served");
}
