import type { Broker, Unsubscribe, WorkerAnswers, WorkerRequestHandler } from "../../core/broker.ts";
import { systemClock } from "../../core/clock.ts";
import { AfootError } from "../../core/errors.ts";
import type { Notice } from "../../core/messages.ts";
import { settledWithin } from "../../core/settled-within.ts";

/**
 * The broker of one process: requests are calls, notices and wake-ups are callbacks. Several wake-ups of a type in one turn of
 * the event loop are one.
 */
export function localBroker(): Broker {
  let handler: WorkerRequestHandler | undefined;
  let isOpen = false;
  let clock = systemClock;
  const wakeUps = createWakeUps();
  const noticeCallbacks = new Set<(notices: readonly Notice[]) => void>();
  const flushCallbacks = new Map<string, (operation: string) => Promise<void>>();

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
      if (handler !== undefined) throw served();
      handler = serving;
      return () => {
        handler = undefined;
      };
    },
    async request(kind, request) {
      if (!isOpen || handler === undefined) throw unavailable();
      const answers: WorkerAnswers = handler;
      return answers[kind](request);
    },
    progress(message) {
      if (isOpen) handler?.progress(message);
    },
    wake(types) {
      if (isOpen) wakeUps.wake(types);
    },
    onWake: (types, callback) => wakeUps.on(types, callback),
    announce(notices) {
      if (!isOpen) return;
      for (const callback of noticeCallbacks) callback(notices);
    },
    onNotice: (callback) => subscribed(noticeCallbacks, callback),
    async flush(worker, operation, timeoutMs) {
      const callback = flushCallbacks.get(worker);
      if (!isOpen || callback === undefined) return false;
      return settledWithin(clock, timeoutMs, callback(operation));
    },
    onFlush(worker, callback) {
      flushCallbacks.set(worker, callback);
      return () => {
        flushCallbacks.delete(worker);
      };
    },
  };
}

interface WakeUps {
  readonly wake: (types: readonly string[]) => void;
  readonly on: (types: readonly string[], callback: () => void) => Unsubscribe;
}

function createWakeUps(): WakeUps {
  const callbacks = new Map<string, Set<() => void>>();
  let waking: Set<string> | undefined;

  const deliver = (): void => {
    const types = waking ?? new Set();
    waking = undefined;
    const due = new Set([...types].flatMap((type) => [...(callbacks.get(type) ?? [])]));
    for (const callback of due) callback();
  };

  return {
    wake(types) {
      if (waking === undefined) {
        waking = new Set();
        queueMicrotask(deliver);
      }
      for (const type of types) waking.add(type);
    },
    on(types, callback) {
      for (const type of types) added(callbacks, type).add(callback);
      return () => {
        for (const type of types) callbacks.get(type)?.delete(callback);
      };
    },
  };
}

function served(): AfootError {
  return new AfootError("broker-served", "This broker answers worker requests already; a process has one server.");
}

function unavailable(): AfootError {
  return new AfootError("broker-unavailable", "No server answers worker requests in this process.");
}

function subscribed<Callback>(callbacks: Set<Callback>, callback: Callback): Unsubscribe {
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
}
