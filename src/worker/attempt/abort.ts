import { AfootError } from "../../core/errors.ts";

/**
 * Why an attempt's signal is aborted.
 *
 * - `cancelled`: a client asked for it, or the operation is past its deadline
 * - `timed-out`: the attempt took longer than its `timeoutMs`
 * - `handed-back`: this worker stops and lets another one go on
 * - `attempt-over`: the server has given the attempt up; what it still says is dropped
 * - `work-fault`: work left an error to nobody: a rejected promise, a throw in a callback
 * - `waiting`: everything left to do waits, so the attempt has ended; the next one goes on
 * - `replay-over`: the undo functions are found, the replay that looked for them is not needed any more
 */
export type AbortCode =
  | "cancelled"
  | "timed-out"
  | "handed-back"
  | "attempt-over"
  | "work-fault"
  | "waiting"
  | "replay-over";

const MESSAGES: Readonly<Record<AbortCode, string>> = {
  cancelled: "The operation was cancelled.",
  "timed-out": "The attempt took longer than its timeoutMs.",
  "handed-back": "The worker is stopping and hands the operation back.",
  "attempt-over": "The attempt is over; another one may be under way.",
  "work-fault": "An error that nothing awaited has ended the attempt.",
  waiting: "The attempt has ended to wait; the next one goes on.",
  "replay-over": "The replay that looked for undo functions is over.",
};

/** The reason of an aborted `signal`: tell by its `code` why. Named as platforms name an abort, so that libraries know it. */
export class AttemptAbort extends AfootError {
  override readonly name = "AbortError";
  declare readonly code: AbortCode;

  constructor(code: AbortCode, cause?: unknown) {
    super(code, MESSAGES[code], cause === undefined ? {} : { cause });
  }
}

const STRENGTH: Readonly<Record<AbortCode, number>> = {
  "replay-over": 0,
  cancelled: 1,
  waiting: 2,
  "handed-back": 3,
  "work-fault": 4,
  "timed-out": 5,
  "attempt-over": 6,
};

/** True when `code` decides more than `before`: the stronger reason says how the attempt ends. */
export function outranks(code: AbortCode, before: AttemptAbort | undefined): boolean {
  return before === undefined || STRENGTH[code] > STRENGTH[before.code];
}

const FREEZING: ReadonlySet<AbortCode> = new Set(["waiting", "handed-back", "replay-over"]);

/**
 * True where work's calls stay pending for ever instead of rejecting: nothing has failed, so no `catch` of work may run, and the
 * next attempt comes to the same place again.
 */
export function freezes(code: AbortCode): boolean {
  return FREEZING.has(code);
}
