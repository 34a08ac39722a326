import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

/** The result of a command. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `afoot` to its end. */
export async function afoot(...argv: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--conditions=@afoot/source", MAIN, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [, stdout, stderr] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  return { code: child.exitCode, stdout, stderr };
}
