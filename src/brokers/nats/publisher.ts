import { createInbox } from "@nats-io/transport-node";
import { isJsonObject } from "../../core/json/json.ts";
import type { Unsubscribe } from "../../core/ports/broker.ts";
import type { Notice } from "../../core/ports/messages.ts";
import type { Link, Listening } from "./connection/connection.ts";
import { encoded, jsonOf } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

/** What the envelope of notices takes beside them. */
const ENVELOPE_BYTES = 256;

type NoticeCallback = (notices: readonly Notice[]) => void;

/**
 * Change notices and wake-ups. What is said in this process is heard in it at once, whether or not NATS is there; to the others it
 * goes once per turn of the event loop, or not at all while NATS is away: each of them looks for itself after a while.
 */
export class Announcer {
  readonly #link: Link;
  readonly #subjects: Subjects;
  /** Tells what comes back from the others, whose own callbacks have been called already. */
  readonly #origin = createInbox("o");
  readonly #noticed = new Set<NoticeCallback>();
  readonly #woken = new Map<string, Set<() => void>>();
  readonly #due = new Map<string, Listening>();
  readonly #waking = new Set<() => void>();
  #notices: Notice[] = [];
  #types = new Set<string>();
  #isPlanned = false;

  constructor(link: Link, subjects: Subjects) {
    this.#link = link;
    this.#subjects = subjects;
    link.listen(subjects.notices, (message) => this.#hear(jsonOf(message)));
    // What was said while it was away has not come here.
    link.onUp(() => {
      for (const type of this.#woken.keys()) this.#wakeHere(type);
    });
  }

  announce(notices: readonly Notice[]): void {
    if (this.#link.isClosing) return;
    for (const callback of this.#noticed) callback(notices);
    if (!this.#link.isUp) return;
    for (const notice of notices) this.#notices.push(notice);
    this.#plan();
  }

  onNotice(callback: NoticeCallback): Unsubscribe {
    this.#noticed.add(callback);
    return () => void this.#noticed.delete(callback);
  }

  wake(types: readonly string[]): void {
    if (this.#link.isClosing) return;
    for (const type of types) {
      this.#wakeHere(type);
      if (this.#link.isUp) this.#types.add(type);
    }
    if (this.#types.size > 0) this.#plan();
  }

  onWake(types: readonly string[], callback: () => void): Unsubscribe {
    for (const type of types) {
      const callbacks = this.#woken.get(type) ?? new Set();
      this.#woken.set(type, callbacks.add(callback));
      if (this.#due.has(type)) continue;
      const listening = this.#link.listen(this.#subjects.due(type), (message) => {
        if (message.string() !== this.#origin) this.#wakeHere(type);
      });
      this.#due.set(type, listening);
    }
    return () => {
      for (const type of types) this.#forget(type, callback);
    };
  }

  /** Sends what is left of this turn. */
  close(): void {
    this.#send();
  }

  #forget(type: string, callback: () => void): void {
    const callbacks = this.#woken.get(type);
    callbacks?.delete(callback);
    this.#waking.delete(callback);
    if (callbacks?.size !== 0) return;
    this.#woken.delete(type);
    void this.#due.get(type)?.stop();
    this.#due.delete(type);
  }

  /** Several wake-ups of one turn are one. */
  #wakeHere(type: string): void {
    const isFirst = this.#waking.size === 0;
    for (const callback of this.#woken.get(type) ?? []) this.#waking.add(callback);
    if (!isFirst || this.#waking.size === 0) return;
    queueMicrotask(() => {
      const callbacks = [...this.#waking];
      this.#waking.clear();
      for (const callback of callbacks) callback();
    });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#send();
    });
  }

  #send(): void {
    const notices = this.#notices;
    const types = this.#types;
    this.#notices = [];
    this.#types = new Set();
    for (const group of this.#groups(notices)) {
      this.#link.publish(this.#subjects.notices, encoded({ origin: this.#origin, notices: group }));
    }
    for (const type of types) this.#link.publish(this.#subjects.due(type), this.#origin);
  }

  /** In their order, as many together as one message takes. */
  *#groups(notices: readonly Notice[]): Generator<readonly Notice[]> {
    const most = this.#link.maxPayload - ENVELOPE_BYTES;
    let group: Notice[] = [];
    let bytes = 0;
    for (const notice of notices) {
      const size = Buffer.byteLength(JSON.stringify(notice)) + 1;
      if (bytes + size > most && group.length > 0) {
        yield group;
        group = [];
        bytes = 0;
      }
      group.push(notice);
      bytes += size;
    }
    if (group.length > 0) yield group;
  }

  #hear(said: unknown): void {
    if (!isJsonObject(said) || said["origin"] === this.#origin || !Array.isArray(said["notices"])) return;
    const notices = said["notices"].filter(isNotice);
    for (const callback of notices.length === 0 ? [] : this.#noticed) callback(notices);
  }
}

function isNotice(value: unknown): value is Notice {
  if (!isJsonObject(value)) return false;
  const { type, id, version, abort } = value;
  const isWhole = typeof type === "string" && typeof id === "string" && typeof version === "number";
  return isWhole && (abort === undefined || isJsonObject(abort));
}
