import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";

/** How often the same is said of one type at most: every GET would repeat it. */
const EVERY_MS = 60_000;

export interface Complaint {
  readonly type: string;
  readonly id: string;
  readonly error?: unknown;
}

/** Says what went wrong in asking. */
export type Complain = (about: Complaint, message: string) => void;

/** Says each kind of fault of a type once a minute, with the number of those that were passed over. */
export function createComplaints(log: Log, clock: Clock): Complain {
  const said = new Map<string, { at: number; unsaid: number }>();
  return (about, message) => {
    const name = `${about.type} ${message}`;
    const before = said.get(name);
    const at = clock.monotonic();
    if (before !== undefined && at - before.at < EVERY_MS) {
      before.unsaid += 1;
      return;
    }
    said.set(name, { at, unsaid: 0 });
    log.warn({ ...about, ...(before === undefined ? {} : { unsaid: before.unsaid }) }, message);
  };
}
