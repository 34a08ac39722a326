import { createInbox } from "@nats-io/transport-node";
import { isJsonObject } from "../../core/json/json.ts";
import type { Unsubscribe } from "../../core/ports/broker.ts";
import type { Notice } from "../../core/ports/messages.ts";
import type { PersistentConnection, PersistentSubscription } from "./connection/connection.ts";
import { encodeMessage, tryDecodeMessage } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

/** Bytes reserved for the envelope around the notices. */
const ENVELOPE_BYTES = 256;

type NoticeCallback = (notices: readonly Notice[]) => void;

/**
 * Publishes change notices and wake-ups. Subscribers of this process get them at once, also without NATS. Other
 * processes get them once per tick of the event loop, and not at all while NATS is unavailable: each process polls the
 * store in longer intervals.
 */
export class Publisher {
  readonly #connection: PersistentConnection;
  readonly #subjects: Subjects;
  /** Marks the messages of this process, whose callbacks have been called already. */
  readonly #origin = createInbox("o");
  readonly #noticeCallbacks = new Set<NoticeCallback>();
  readonly #wakeCallbacks = new Map<string, Set<() => void>>();
  readonly #dueSubscriptions = new Map<string, PersistentSubscription>();
  readonly #pendingCallbacks = new Set<() => void>();
  #pendingNotices: Notice[] = [];
  #pendingTypes = new Set<string>();
  #isScheduled = false;

  constructor(connection: PersistentConnection, subjects: Subjects) {
    this.#connection = connection;
    this.#subjects = subjects;
    connection.subscribe(subjects.notices, (message) => this.#receiveNotices(tryDecodeMessage(message)));
    // Messages published during the outage did not arrive here.
    connection.onUp(() => {
      for (const type of this.#wakeCallbacks.keys()) this.#wakeLocally(type);
    });
  }

  announce(notices: readonly Notice[]): void {
    if (this.#connection.isClosing) return;
    for (const callback of this.#noticeCallbacks) callback(notices);
    if (!this.#connection.isUp) return;
    for (const notice of notices) this.#pendingNotices.push(notice);
    this.#schedule();
  }

  onNotice(callback: NoticeCallback): Unsubscribe {
    this.#noticeCallbacks.add(callback);
    return () => void this.#noticeCallbacks.delete(callback);
  }

  wake(types: readonly string[]): void {
    if (this.#connection.isClosing) return;
    for (const type of types) {
      this.#wakeLocally(type);
      if (this.#connection.isUp) this.#pendingTypes.add(type);
    }
    if (this.#pendingTypes.size > 0) this.#schedule();
  }

  onWake(types: readonly string[], callback: () => void): Unsubscribe {
    for (const type of types) {
      const callbacks = this.#wakeCallbacks.get(type) ?? new Set();
      this.#wakeCallbacks.set(type, callbacks.add(callback));
      if (this.#dueSubscriptions.has(type)) continue;
      const subscription = this.#connection.subscribe(this.#subjects.due(type), (message) => {
        if (message.string() !== this.#origin) this.#wakeLocally(type);
      });
      this.#dueSubscriptions.set(type, subscription);
    }
    return () => {
      for (const type of types) this.#removeCallback(type, callback);
    };
  }

  /** Publishes the pending messages. */
  close(): void {
    this.#flush();
  }

  #removeCallback(type: string, callback: () => void): void {
    const callbacks = this.#wakeCallbacks.get(type);
    callbacks?.delete(callback);
    this.#pendingCallbacks.delete(callback);
    if (callbacks?.size !== 0) return;
    this.#wakeCallbacks.delete(type);
    void this.#dueSubscriptions.get(type)?.stop();
    this.#dueSubscriptions.delete(type);
  }

  /** Calls back once for several wake-ups of one tick. */
  #wakeLocally(type: string): void {
    const isFirst = this.#pendingCallbacks.size === 0;
    for (const callback of this.#wakeCallbacks.get(type) ?? []) this.#pendingCallbacks.add(callback);
    if (!isFirst || this.#pendingCallbacks.size === 0) return;
    queueMicrotask(() => {
      const callbacks = [...this.#pendingCallbacks];
      this.#pendingCallbacks.clear();
      for (const callback of callbacks) callback();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const notices = this.#pendingNotices;
    const types = this.#pendingTypes;
    this.#pendingNotices = [];
    this.#pendingTypes = new Set();
    for (const group of this.#groups(notices)) {
      this.#connection.publish(this.#subjects.notices, encodeMessage({ origin: this.#origin, notices: group }));
    }
    for (const type of types) this.#connection.publish(this.#subjects.due(type), this.#origin);
  }

  /** Splits notices into groups that fit into one message each, in their order. */
  *#groups(notices: readonly Notice[]): Generator<readonly Notice[]> {
    const maxBytes = this.#connection.maxPayload - ENVELOPE_BYTES;
    let group: Notice[] = [];
    let bytes = 0;
    for (const notice of notices) {
      const size = Buffer.byteLength(JSON.stringify(notice)) + 1;
      if (bytes + size > maxBytes && group.length > 0) {
        yield group;
        group = [];
        bytes = 0;
      }
      group.push(notice);
      bytes += size;
    }
    if (group.length > 0) yield group;
  }

  #receiveNotices(message: unknown): void {
    if (!isJsonObject(message) || message["origin"] === this.#origin || !Array.isArray(message["notices"])) return;
    const notices = message["notices"].filter(isNotice);
    for (const callback of notices.length === 0 ? [] : this.#noticeCallbacks) callback(notices);
  }
}

function isNotice(value: unknown): value is Notice {
  if (!isJsonObject(value)) return false;
  const { type, id, version, abort } = value;
  const isComplete = typeof type === "string" && typeof id === "string" && typeof version === "number";
  return isComplete && (abort === undefined || isJsonObject(abort));
}
