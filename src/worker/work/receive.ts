import type { Attempt } from "../attempt/attempt.ts";
import { usageError } from "../attempt/failure.ts";
import { Mailbox, consumedResult } from "../attempt/mailbox.ts";
import { call } from "./call.ts";
import { decodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { replay } from "./step.ts";
import { beginWait, checkDuration, hadElapsed, warnIfPastDeadline } from "./waits.ts";

/** Waits, without occupying a worker, for the next message of a name. */
export type Receive = (name: string, options?: { readonly timeoutMs?: number | undefined }) => Promise<unknown>;

export function createReceive(attempt: Attempt, reporter: Reporter): Receive {
  const mailbox = new Mailbox(attempt.grant);
  return (name, { timeoutMs } = {}) => {
    const step = mailbox.stepOf(name);
    return call(attempt, step, async (record) => {
      if (!attempt.type.receives.has(name)) {
        throw usageError(
          "unknown-message",
          `receive: ${attempt.type.name} declares no message ${JSON.stringify(name)} in \`receives\`.`,
        );
      }
      if (timeoutMs !== undefined) checkDuration(`receive ${JSON.stringify(name)}: timeoutMs`, timeoutMs);
      if (record !== undefined && record.state !== "started") {
        await replay(attempt, record);
        return mailbox.recordedValue(record.result);
      }
      const message = mailbox.consume(name);
      if (record === undefined && message === undefined && timeoutMs !== undefined) {
        warnIfPastDeadline(attempt, `receive ${JSON.stringify(name)} with a timeoutMs`, timeoutMs);
      }
      if (message === undefined && (timeoutMs === undefined || !hadElapsed(attempt, record))) {
        // Later messages are part of the next grant only, so this attempt can see neither a message nor a timeout.
        const dueAt = timeoutMs === undefined ? undefined : await beginWait(attempt, step, timeoutMs, record);
        await attempt.activity.wait({ message: name, ...(dueAt === undefined ? {} : { dueAt }) });
      }
      reporter.leaveReplay();
      // No result records a timeout; a later message goes to the next call.
      const result = message === undefined ? {} : { result: consumedResult(message) };
      await attempt.record({ step, state: "done", undo: false, ...result });
      return decodeResult(message?.value);
    });
  };
}
