import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { ChangeFeedMessage, ChangeFeedListener } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";
import { resourceKeyText } from "../../../core/resource.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { arrayOf, type Statement } from "../connection/statement.ts";
import type { NotifyConnection } from "./notify-connection.ts";
import { GAP, decodePayload, encodePayloads } from "./notify-payloads.ts";

/** NOTIFY holds a lock of the whole server while it commits: what is said within this time goes together. */
const NOTIFY_INTERVAL_MS = 10;

/** So many notices at once are said shorter: look for yourself. */
const MAX_PENDING_NOTICES = 5000;

const NOTIFY: Statement = { name: "notify", text: "select pg_notify($1, text) from unnest($2::text[]) text" };

/** The name of the channel of a schema, within the bytes that a name may take. */
export function channelOf(schema: string): string {
  return `afoot_${createHash("sha256").update(schema).digest("hex").slice(0, 16)}`;
}

/** The channel as LISTEN needs it. */
export function quotedChannelOf(schema: string): string {
  return escapeIdentifier(channelOf(schema));
}

/** Says news to the other processes by NOTIFY, beside all commits, and hears theirs. */
export class PostgresChangeFeed {
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #connection: () => Pick<NotifyConnection, "run" | "isListening">;
  readonly #listeners = new Set<ChangeFeedListener>();
  readonly #notices = new Map<string, Notice>();
  readonly #wakes = new Set<string>();
  #hasGap = false;
  #isScheduled = false;

  constructor(channel: string, clock: Clock, side: () => Pick<NotifyConnection, "run" | "isListening">) {
    this.#channel = channel;
    this.#clock = clock;
    this.#connection = side;
  }

  subscribe(listener: ChangeFeedListener): () => void {
    this.#listeners.add(listener);
    // Whoever comes once it is heard has missed what came before, as at any gap.
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
    this.#schedule();
  }

  receive(text: string): void {
    const news = decodePayload(text);
    for (const { onMessage: onNews, onGap } of this.#listeners) {
      if (news === undefined) onGap();
      else onNews(news);
    }
  }

  /** The connection is there: for the first time, or after it was lost. */
  resume(): void {
    for (const { onGap } of this.#listeners) onGap();
    if (this.#hasGap) this.#schedule();
  }

  /** Says what is left to say. */
  async close(): Promise<void> {
    if (this.#connection().isListening && this.#notices.size + this.#wakes.size > 0) await this.#notify();
  }

  /** What was to be said is said no more, but that it was. */
  #collapseToGap(): void {
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = true;
  }

  #schedule(): void {
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
    const texts = [...encodePayloads({ notices: [...this.#notices.values()], wakes: [...this.#wakes] })];
    if (this.#hasGap) texts.push(GAP);
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = false;
    try {
      await this.#connection().run(NOTIFY, [this.#channel, arrayOf("news", "text", texts)]);
    } catch {
      this.#hasGap = true;
    }
  }
}

/** An attempt that is to be aborted stays so, whatever has changed since. */
function mergeNotice(notices: ReadonlyMap<string, Notice>, notice: Notice): Notice {
  const before = notices.get(resourceKeyText(notice));
  return before?.abort === undefined || notice.abort !== undefined ? notice : { ...notice, abort: before.abort };
}
