import { FAULT_NAMES } from "./faults.ts";
import { simulate, type SimulationOptions, type SimulationReport } from "./simulation.ts";

/** A run that breaks a promise, and the options that repeat it. */
export interface FailedRun {
  readonly options: SimulationOptions;
  readonly report: SimulationReport;
}

/** Maximum number of shorter runs that are tried, and maximum CPU time for them. */
const MAX_RUNS = 80;
const MAX_CPU_MS = 60_000;

/**
 * Searches for a shorter run that breaks the same promise: fewer operations, fewer clients, fewer kinds of faults, fewer
 * faults. Each run ends at its first broken promise.
 */
export async function shrink(failed: FailedRun): Promise<FailedRun> {
  const search = new Search(failed);
  await search.halve("operations", 1);
  await search.halve("clients", 1);
  for (const name of FAULT_NAMES) {
    await search.attempt({ without: [...(search.best.options.without ?? []), name] });
  }
  await search.halve("faultsUntil", 0);
  await search.leaveOutFaults();
  await search.halve("operations", 1);
  await search.halve("clients", 1);
  return search.best;
}

class Search {
  readonly #promise: string;
  readonly #startedAt = process.cpuUsage();
  #runs = 0;
  best: FailedRun;

  constructor(failed: FailedRun) {
    this.best = failed;
    this.#promise = promiseOf(failed.report);
  }

  /** Runs with other options. Keeps them if the same promise is broken. */
  async attempt(changed: Partial<SimulationOptions>): Promise<boolean> {
    const { user, system } = process.cpuUsage(this.#startedAt);
    if (++this.#runs > MAX_RUNS || (user + system) / 1000 > MAX_CPU_MS) return false;
    const options = { ...this.best.options, ...changed };
    const report = await simulate(options);
    const isSame = report.violations.length > 0 && promiseOf(report) === this.#promise;
    if (isSame) this.best = { options, report };
    return isSame;
  }

  /** Lowers a number by ever smaller parts of it, as long as the promise is still broken. */
  async halve(name: "operations" | "clients" | "faultsUntil", min: number): Promise<void> {
    const { options, report } = this.best;
    let number = { operations: options.operations, clients: options.clients ?? 40, faultsUntil: report.chosenFaults }[
      name
    ];
    if (name === "faultsUntil" && options.faultsUntil !== undefined) number = Math.min(number, options.faultsUntil);
    for (let part = 0.5; part > 0.05 && number > min;) {
      const less = Math.max(min, Math.floor(number * (1 - part)));
      if (less < number && (await this.attempt({ [name]: less }))) number = less;
      else part /= 2;
    }
  }

  /** Leaves out the remaining faults: first many at once, then one by one. */
  async leaveOutFaults(): Promise<void> {
    const count = Math.min(this.best.options.faultsUntil ?? Infinity, this.best.report.chosenFaults);
    for (let size = Math.ceil(count / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < count; from += size) {
        const { skipped = [] } = this.best.options;
        const more = Array.from({ length: Math.min(size, count - from) }, (_, index) => from + index);
        const fresh = more.filter((index) => !skipped.includes(index));
        if (fresh.length > 0) await this.attempt({ skipped: [...skipped, ...fresh] });
      }
    }
  }
}

/** Returns the promise that a run has broken first, without its details. */
function promiseOf({ violations: [first = ""] }: SimulationReport): string {
  return /^at [\d.]+ s: ([^:]*)/.exec(first)?.[1] ?? first;
}
