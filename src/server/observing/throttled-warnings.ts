import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";

/** Minimum interval between equal warnings of one type: every GET would repeat them. */
const WARNING_INTERVAL_MS = 60_000;

export interface WarningFields {
  readonly type: string;
  readonly id: string;
  readonly error?: unknown;
}

/** Logs a warning unless an equal one was logged recently. */
export type WarnThrottled = (fields: WarningFields, message: string) => void;

/** Logs each kind of warning of a type once a minute, with the number of suppressed ones. */
export function createThrottledWarnings(log: Log, clock: Clock): WarnThrottled {
  const logged = new Map<string, { at: number; suppressed: number }>();
  return (fields, message) => {
    const name = `${fields.type} ${message}`;
    const previous = logged.get(name);
    const at = clock.monotonic();
    if (previous !== undefined && at - previous.at < WARNING_INTERVAL_MS) {
      previous.suppressed += 1;
      return;
    }
    logged.set(name, { at, suppressed: 0 });
    log.warn({ ...fields, ...(previous === undefined ? {} : { suppressed: previous.suppressed }) }, message);
  };
}
