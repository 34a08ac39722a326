import type { Change } from "../../core/change.ts";
import { isErrorCode, REPLACED_CODE, withValidCode } from "../../core/operation-error.ts";
import { type Log, warnOnce } from "../../core/ports/log.ts";

/** Replaces an invalid error code in a change, from any sender, and logs each invalid code once. */
export function repairErrorCode(change: Change, log: Log): Change {
  if (change.change !== "event" || !("error" in change.event)) return change;
  const { event, target } = change;
  const { error } = event;
  if (error === undefined || isErrorCode(error.code)) return change;
  warnOnce(log, `error code ${error.code}`, { ...target, code: error.code }, REPLACED_CODE);
  return { ...change, event: { ...event, error: withValidCode(error) } };
}
