import { AfootError } from "../../core/errors.ts";
import type { Broker, Unsubscribe, WorkerRequestHandlers, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { Notice, ProgressMessage } from "../../core/ports/messages.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { withTimeout } from "../../core/scheduling/promises.ts";
import { createWakes } from "./wake-ups.ts";

/**
 * The broker of one process: requests are calls, notices and wake-ups are callbacks. Several wake-ups of a type in one turn of
 * the event loop are one.
 */
export function localBroker(): Broker {
  let handler: WorkerMessageHandlers | undefined;
  let isOpen = false;
  let clock = systemClock;
  const wakes = createWakes();
  const noticeCallbacks = new Set<(notices: readonly Notice[]) => void>();
  const flushCallbacks = new Map<string, (operation: string) => Promise<ProgressMessage | undefined>>();

  return {
    name: "local",
    async open(options) {
      isOpen = true;
      clock = options?.clock ?? clock;
    },
    async close() {
      isOpen = false;
    },
    serve(serving) {
      if (handler !== undefined) {
        throw new AfootError("broker-served", "This broker answers worker requests already; a process has one server.");
      }
      handler = serving;
      return () => {
        handler = undefined;
      };
    },
    async request(kind, request) {
      if (!isOpen || handler === undefined) {
        throw new AfootError("broker-unavailable", "No server answers worker requests in this process.");
      }
      const answers: WorkerRequestHandlers = handler;
      return answers[kind](request);
    },
    progress(message) {
      if (isOpen) handler?.progress(message);
    },
    wake(types) {
      if (isOpen) wakes.wake(types);
    },
    onWake: wakes.onWake,
    announce(notices) {
      if (!isOpen) return;
      for (const callback of noticeCallbacks) callback(notices);
    },
    onNotice: (callback) => subscribed(noticeCallbacks, callback),
    async flush(worker, operation, timeoutMs) {
      const callback = flushCallbacks.get(worker);
      if (!isOpen || callback === undefined) return undefined;
      return withTimeout(clock, timeoutMs, callback(operation));
    },
    onFlush(worker, callback) {
      flushCallbacks.set(worker, callback);
      return () => {
        flushCallbacks.delete(worker);
      };
    },
  };
}

function subscribed<Callback>(callbacks: Set<Callback>, callback: Callback): Unsubscribe {
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
}
