import type { FailedRun } from "./shrink.ts";
import type { SimulationOptions, SimulationReport } from "./simulation.ts";

/** Returns a line about a run. */
export function lineOf(report: SimulationReport): string {
  const { seed, operations, requests, events, virtualMs, outcomes, traceHash } = report;
  const faults = Object.entries(report.faults).map(([name, count]) => `${name} ${count}`);
  const ends = Object.entries(outcomes).map(([name, count]) => `${name} ${count}`);
  return (
    `seed ${seed}: ${operations} operations, ${requests} requests, ${events} events, ` +
    `${Math.round(virtualMs / 1000)} virtual s, ${faults.join(", ")}; ${ends.join(", ")}; trace ${traceHash}`
  );
}

/** Number of events before the broken promise that are printed in any case. */
const LATEST = 60;
const MAX_LINES = 250;

/** Returns the description of a failed run: how to repeat it, its steps, and the promise that it breaks. */
export function failureOf({ options, report }: FailedRun): string {
  const { violations, trace } = report;
  const ids = [...violations.join(" ").matchAll(/[0-9a-z]{22}/g)].map(([id]) => id.slice(-4));
  const isAbout = (line: string): boolean =>
    ids.some((id) => line.includes(id)) ||
    /crash|start$|stop$|suspended|unreachable until|disk|cut off|clock/.test(line);
  const lines =
    trace.length <= MAX_LINES ? trace : trace.filter((line, at) => at > trace.length - LATEST || isAbout(line));
  const kept = lines.slice(-MAX_LINES);
  const left = trace.length - kept.length;
  return [
    `seed ${report.seed} breaks a promise. Its last events${left === 0 ? "" : ` (${left} about other resources are left out)`}:`,
    ...kept.map((line) => `  ${line}`),
    ...violations.slice(0, 5),
    `repeat with: npm run simulate -- ${flagsOf(options)}`,
  ].join("\n");
}

function flagsOf({ seed, operations, clients, without = [], faultsUntil, skipped = [] }: SimulationOptions): string {
  const flags = {
    seed,
    operations,
    clients,
    without: without.join(","),
    "faults-until": faultsUntil,
    skip: skipped.join(","),
  };
  return Object.entries(flags)
    .flatMap(([name, value]) => (value === undefined || value === "" ? [] : `--${name} ${value}`))
    .join(" ");
}
