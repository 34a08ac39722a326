import type { OperationEvent } from "../events.ts";
import { isClaimed, type Operation } from "../operation.ts";
import { awaitedChild, isAwaitedChild } from "./parent-link.ts";

/**
 * Delay of an attempt while the work waits for further children, so that children that end together wake the work once.
 * The last child, and a failure, wake it at once.
 */
const COLLECT_MS = 200;

/**
 * Makes an operation due that waits for the child. Any other operation counts the event, so that it is due at once if it
 * begins to wait without having seen the child.
 */
export function afterChildSettled(
  operation: Operation,
  { type, id, isFailed }: Extract<OperationEvent, { event: "child-settled" }>,
  at: number,
): Operation {
  const name = awaitedChild({ type, id });
  const awaitedMessages = operation.awaitedMessages.filter((each) => each !== name);
  const counted = { ...operation, receivedCount: operation.receivedCount + 1, awaitedMessages };
  const isAwaited = awaitedMessages.length < operation.awaitedMessages.length;
  if (!isAwaited || isClaimed(operation)) return counted;
  const wakeAt = isFailed || !awaitedMessages.some(isAwaitedChild) ? at : at + COLLECT_MS;
  const dueAt = Math.min(operation.dueAt ?? Infinity, wakeAt);
  return { ...counted, dueAt, state: operation.state === "waiting" ? "pending" : operation.state };
}
