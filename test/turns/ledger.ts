import { z } from "zod";
import { lineLog } from "../support/line-log.ts";

const LINE = z.object({
  what: z.enum(["begun", "ended", "killed"]),
  /** Id of the resource, and its tenant; empty for a kill. */
  id: z.string(),
  tenant: z.string(),
  pid: z.number(),
  /** The parent of the process. */
  parent: z.number(),
  at: z.number(),
});

/** The log of running work, in the order of its lines. The work itself writes it; only kills are added by the test. */
export type LedgerLine = z.infer<typeof LINE>;

export const { note, read: readLedger } = lineLog(LINE);

/** The highest number of operations of one tenant that ran at once, and each time it was above the limit. */
export interface RunningAtOnce {
  readonly most: number;
  readonly faults: readonly string[];
}

/**
 * Counts what ran at once. Work of a killed process ran until the process had ended. A process for isolated work ends a
 * moment after its parent, long before the lease.
 */
export function runningAtOnce(lines: readonly LedgerLine[], limit: number): RunningAtOnce {
  let running: readonly LedgerLine[] = [];
  const killed = new Set<number>();
  const isKilled = ({ pid, parent }: LedgerLine): boolean => killed.has(pid) || killed.has(parent);
  const faults: string[] = [];
  let most = 0;
  for (const line of lines) {
    const { what, id, tenant, pid } = line;
    if (what === "killed") killed.add(pid);
    running = running.filter((each) => each.id !== id && !isKilled(each));
    if (what !== "begun" || isKilled(line)) continue;
    running = [...running, line];
    const ids = running.filter((each) => each.tenant === tenant).map((each) => each.id);
    most = Math.max(most, ids.length);
    if (ids.length > limit) faults.push(`${ids.length} of ${tenant} at once: ${ids.join(", ")}`);
  }
  return { most, faults };
}
