import { AfootError } from "../../core/errors.ts";

/**
 * The reason why an attempt's signal is aborted.
 *
 * - `cancelled`: a client requested it, or the operation is past its deadline
 * - `timed-out`: the attempt took longer than its `timeoutMs`
 * - `handed-back`: this worker is stopping. Work that ends now counts; otherwise the operation is handed back, and the work runs again
 *   over its recorded steps
 * - `attempt-ended`: the server has ended the attempt; later messages of it are dropped
 * - `work-fault`: an error in the work was never handled: a rejected promise, a throw in a callback
 * - `waiting`: all remaining calls wait, so the attempt has ended; the next attempt continues
 * - `replay-ended`: the replay that collects the undo functions has ended
 */
export type AbortCode =
  | "cancelled"
  | "timed-out"
  | "handed-back"
  | "attempt-ended"
  | "work-fault"
  | "waiting"
  | "replay-ended";

const MESSAGES: Readonly<Record<AbortCode, string>> = {
  cancelled: "The operation was cancelled.",
  "timed-out": "The attempt took longer than its timeoutMs.",
  "handed-back": "The worker is stopping: the operation is handed back, and its work will run again.",
  "attempt-ended": "The server has ended the attempt; another one may be running.",
  "work-fault": "An unhandled error has ended the attempt.",
  waiting: "The attempt has ended because it only waits; the next attempt continues.",
  "replay-ended": "The replay that collects undo functions has ended.",
};

/** The reason of an aborted `signal`, with the cause in `code`. Its name is the platform's `AbortError`, so that libraries recognize it. */
export class AttemptAbort extends AfootError {
  override readonly name = "AbortError";
  declare readonly code: AbortCode;

  constructor(code: AbortCode, cause?: unknown) {
    super(code, MESSAGES[code], cause === undefined ? {} : { cause });
  }
}

const STRENGTH: Readonly<Record<AbortCode, number>> = {
  "replay-ended": 0,
  cancelled: 1,
  waiting: 2,
  "handed-back": 3,
  "work-fault": 4,
  "timed-out": 5,
  "attempt-ended": 6,
};

/** Returns true if `code` takes precedence over `before`: the strongest reason decides how the attempt ends. */
export function outranks(code: AbortCode, before: AttemptAbort | undefined): boolean {
  return before === undefined || STRENGTH[code] > STRENGTH[before.code];
}

const SUSPENDING: ReadonlySet<AbortCode> = new Set(["waiting", "handed-back", "replay-ended"]);

/**
 * Returns true if pending calls of the work never resolve, instead of rejecting: nothing has failed, so no `catch` of the work may
 * run, and the next attempt reaches the same place again.
 */
export function suspends(code: AbortCode): boolean {
  return SUSPENDING.has(code);
}
