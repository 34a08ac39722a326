import { AfootError } from "../../core/errors.ts";
import type {
  Broker,
  Reservation,
  Unsubscribe,
  WorkerRequestHandlers,
  WorkerMessageHandlers,
} from "../../core/ports/broker.ts";
import type { Notice, ProgressMessage } from "../../core/ports/messages.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { withTimeout } from "../../core/scheduling/promises.ts";
import { createWakeUps } from "./wake-ups.ts";

/**
 * Creates the broker of one process: requests are function calls, notices and wake-ups are callbacks. Several wake-ups
 * of a type in one tick of the event loop are delivered once.
 */
export function localBroker(): Broker {
  let handlers: WorkerMessageHandlers | undefined;
  let isOpen = false;
  let clock = systemClock;
  const wakeUps = createWakeUps();
  const noticeCallbacks = new Set<(notices: readonly Notice[]) => void>();
  const reserveCallbacks = new Set<(type: string, kind: string) => Reservation | undefined>();
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
    serve(served) {
      if (handlers !== undefined) {
        throw new AfootError("broker-served", "This broker already serves worker requests. A process has one server.");
      }
      handlers = served;
      return () => {
        handlers = undefined;
      };
    },
    async request(kind, request) {
      if (!isOpen || handlers === undefined) {
        throw new AfootError("broker-unavailable", "No server handles worker requests in this process.");
      }
      const requestHandlers: WorkerRequestHandlers = handlers;
      return requestHandlers[kind](request);
    },
    progress(message) {
      if (isOpen) handlers?.progress(message);
    },
    reserve: (type, kind) => (isOpen ? firstOf(reserveCallbacks, (callback) => callback(type, kind)) : undefined),
    onReserve: (callback) => addCallback(reserveCallbacks, callback),
    wake(types) {
      if (isOpen) wakeUps.wake(types);
    },
    onWake: wakeUps.onWake,
    announce(notices) {
      if (!isOpen) return;
      for (const callback of noticeCallbacks) callback(notices);
    },
    onNotice: (callback) => addCallback(noticeCallbacks, callback),
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

function firstOf<Each, Result>(all: Iterable<Each>, find: (each: Each) => Result | undefined): Result | undefined {
  for (const each of all) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function addCallback<Callback>(callbacks: Set<Callback>, callback: Callback): Unsubscribe {
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
}
