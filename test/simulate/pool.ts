import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FailedRun } from "./shrink.ts";
import type { SimulationOptions, SimulationReport } from "./simulation.ts";

/** A run for a process to simulate. */
export interface RunRequest {
  readonly options: SimulationOptions;
  /** True to search for a shorter run if a promise is broken. */
  readonly shrinks: boolean;
}

/** The result of a run. The report is that of the original run, without its trace. */
export interface RunResult {
  readonly report: SimulationReport;
  readonly failed: FailedRun | undefined;
}

/** Maximum time without a result, after which a process counts as hanging. */
const TIMEOUT_MS = 600_000;

/**
 * Simulates seeds in several processes at a time.
 *
 * @param next returns the next run; undefined to end
 */
export async function simulateAll(
  processes: number,
  next: () => RunRequest | undefined,
  onResult: (result: RunResult) => void,
): Promise<void> {
  const children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, "run-process.ts")));
  try {
    await Promise.all(children.map((child) => simulateIn(child, next, onResult)));
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

async function simulateIn(
  child: ChildProcess,
  next: () => RunRequest | undefined,
  onResult: (result: RunResult) => void,
): Promise<void> {
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`a process of the simulation ended with ${String(code)}`);
  });
  exited.catch(() => {});
  for (let request = next(); request !== undefined; request = next()) {
    child.send(request);
    const answered = once(child, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const [result] = (await Promise.race([answered, exited])) as [RunResult];
    onResult(result);
  }
}
