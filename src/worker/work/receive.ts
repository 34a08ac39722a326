import type { Attempt } from "../attempt/attempt.ts";
import { misuse } from "../attempt/failure.ts";
import { Mailbox, takenResult } from "../attempt/mailbox.ts";
import { call } from "./call.ts";
import { decodeResult } from "./json-result.ts";
import type { Reporter } from "./report.ts";
import { replayed } from "./step.ts";
import { beginWait, checkDuration, wasOver } from "./waits.ts";

/** Waits, without holding a worker, for the next message of a name. */
export type Receive = (name: string, options?: { readonly timeoutMs?: number | undefined }) => Promise<unknown>;

export function createReceive(attempt: Attempt, reporter: Reporter): Receive {
  const mailbox = new Mailbox(attempt.grant);
  return (name, { timeoutMs } = {}) => {
    const step = mailbox.stepOf(name);
    return call(attempt, step, async (record) => {
      if (!attempt.type.receives.has(name)) {
        throw misuse(
          "unknown-message",
          `receive: ${attempt.type.name} declares no message ${JSON.stringify(name)} in \`receives\`.`,
        );
      }
      if (timeoutMs !== undefined) checkDuration(`receive ${JSON.stringify(name)}: timeoutMs`, timeoutMs);
      if (record !== undefined && record.state !== "started") {
        await replayed(attempt, record);
        return mailbox.recordedValue(record.result);
      }
      const message = mailbox.take(name);
      if (message === undefined && (timeoutMs === undefined || !wasOver(attempt, record))) {
        // What comes from now on is given to the next attempt alone: neither it nor the lack of it can be known in this one.
        const dueAt = timeoutMs === undefined ? undefined : await beginWait(attempt, step, timeoutMs, record);
        await attempt.activity.wait({ message: name, ...(dueAt === undefined ? {} : { dueAt }) });
      }
      reporter.goOn();
      // Without a result it waited in vain, and a message that comes later goes to the next call.
      const result = message === undefined ? {} : { result: takenResult(message) };
      await attempt.record({ step, state: "done", undo: false, ...result });
      return decodeResult(message?.value);
    });
  };
}
