import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { ChangeFeedMessage, ChangeFeedListener } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";
import { resourceKeyText } from "../../../core/resource.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { arrayOf, type Statement } from "../connection/statement.ts";
import type { NotifyConnection } from "./notify-connection.ts";
import { GAP, encodePayloads } from "./notify-payloads.ts";

/** Interval between notifications. NOTIFY takes a lock of the whole server at its commit, so messages are collected. */
const NOTIFY_INTERVAL_MS = 10;

/** Maximum number of pending notices. More are replaced by a gap, at which the others read the store. */
const MAX_PENDING_NOTICES = 5000;

/** Publishes payloads. Within a transaction, they are delivered at its commit. */
export const NOTIFY: Statement = {
  name: "notify",
  text: "select pg_notify($1, text) from pg_catalog.unnest($2::text[]) text",
};

/** Returns the channel name of a schema, hashed to fit the maximum length of a name. */
export function channelOf(schema: string): string {
  return `afoot_${createHash("sha256").update(schema).digest("hex").slice(0, 16)}`;
}

/** Returns the channel name, quoted for LISTEN. */
export function quotedChannelOf(schema: string): string {
  return escapeIdentifier(channelOf(schema));
}

/** Publishes changes to the other processes by NOTIFY, outside of all commits, and receives theirs. */
export class PostgresChangeFeed {
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #connection: () => Pick<NotifyConnection, "run" | "isListening">;
  readonly #listeners = new Set<ChangeFeedListener>();
  readonly #notices = new Map<string, Notice>();
  readonly #wakes = new Set<string>();
  #hasGap = false;
  #isScheduled = false;
  #cancelDelayed: (() => void) | undefined;

  constructor(channel: string, clock: Clock, side: () => Pick<NotifyConnection, "run" | "isListening">) {
    this.#channel = channel;
    this.#clock = clock;
    this.#connection = side;
  }

  subscribe(listener: ChangeFeedListener): () => void {
    this.#listeners.add(listener);
    // A listener that subscribes after LISTEN has missed earlier messages, as at any gap.
    if (this.#connection().isListening) {
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener.onGap();
      });
    }
    return () => void this.#listeners.delete(listener);
  }

  publish({ notices, wakes }: ChangeFeedMessage): void {
    for (const notice of notices) this.#notices.set(resourceKeyText(notice), mergeNotice(this.#notices, notice));
    for (const type of wakes) this.#wakes.add(type);
    if (this.#notices.size > MAX_PENDING_NOTICES || !this.#connection().isListening) this.#collapseToGap();
    if (wakes.length === 0 && notices.every(isOfCreation)) this.#scheduleLater();
    else this.#schedule();
  }

  /** Passes on a payload of another session; undefined for a gap. */
  receive(message: ChangeFeedMessage | undefined): void {
    for (const { onMessage, onGap } of this.#listeners) {
      if (message === undefined) onGap();
      else onMessage(message);
    }
  }

  /** Called when the connection listens: for the first time, or again after it was lost. */
  resume(): void {
    for (const { onGap } of this.#listeners) onGap();
    if (this.#hasGap) this.#schedule();
  }

  /** Publishes the pending messages. */
  async close(): Promise<void> {
    this.#cancelDelayed?.();
    if (this.#connection().isListening && this.#notices.size + this.#wakes.size > 0) await this.#notify();
  }

  /** Replaces the pending messages by a gap. */
  #collapseToGap(): void {
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = true;
  }

  /** Sends with the next message, or after the interval. */
  #scheduleLater(): void {
    if (!this.#isScheduled) this.#cancelDelayed ??= this.#clock.after(NOTIFY_INTERVAL_MS, () => this.#schedule());
  }

  #schedule(): void {
    this.#cancelDelayed?.();
    this.#cancelDelayed = undefined;
    if (this.#isScheduled || !this.#connection().isListening) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    await this.#notify();
    this.#clock.after(NOTIFY_INTERVAL_MS, () => {
      this.#isScheduled = false;
      if (this.#notices.size + this.#wakes.size > 0 || this.#hasGap) this.#schedule();
    });
  }

  async #notify(): Promise<void> {
    const payloads = [...encodePayloads({ notices: [...this.#notices.values()], wakes: [...this.#wakes] })];
    if (this.#hasGap) payloads.push(GAP);
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = false;
    try {
      await this.#connection().run(NOTIFY, [this.#channel, arrayOf("payloads", "text", payloads)]);
    } catch {
      this.#hasGap = true;
    }
  }
}

/** True for a notice of a resource that was just created, so that no request waits for it: only dashboards show it. */
function isOfCreation({ version, abort }: Notice): boolean {
  return version <= CLAIMED_VERSION && abort === undefined;
}

/** Version of a resource that was claimed with its creation. */
const CLAIMED_VERSION = 2;

/** Keeps the abort of an earlier notice: an attempt to be aborted stays so, whatever changed since. */
function mergeNotice(notices: ReadonlyMap<string, Notice>, notice: Notice): Notice {
  const before = notices.get(resourceKeyText(notice));
  return before?.abort === undefined || notice.abort !== undefined ? notice : { ...notice, abort: before.abort };
}
