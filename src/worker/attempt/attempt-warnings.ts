import type { Log } from "../../core/ports/log.ts";
import type { Grant } from "../../core/ports/messages.ts";
import type { AttemptAbort } from "./abort.ts";

/** The parts of an attempt that its warnings name. */
export interface WarnedAttempt {
  readonly log: Log;
  readonly grant: Grant;
  readonly aborted: AttemptAbort | undefined;
  readonly runningCalls: ReadonlySet<string>;
}

export const UNRECORDED_AWAIT =
  "work awaited something beside a sleep, until or receive, and its attempt ended meanwhile; move the awaited code into a step";

/** Warns that the work continued after its attempt had ended as waiting: it awaits something outside of its calls. */
export function warnUntracked({ log, grant }: WarnedAttempt): void {
  log.warn(idsOf(grant), UNRECORDED_AWAIT);
}

/** Warns that aborted work is still running: a cancel or a stop takes until the work reacts. */
export function warnIgnoredSignal({ log, grant, aborted, runningCalls }: WarnedAttempt, ms: number): void {
  log.warn(
    { ...idsOf(grant), reason: aborted?.code, running: [...runningCalls] },
    `work has ignored its aborted signal for ${ms / 1000} s; pass signal to everything that it awaits, or call signal.throwIfAborted() in loops`,
  );
}

function idsOf({ operation, type, id, kind, attempt }: Grant): object {
  return { operation, type, id, kind, attempt };
}
