import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { News, NewsListener } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { arrayOf, type Statement } from "../connection/statement.ts";
import { GAP, newsOf, textsOf } from "./news-text.ts";
import type { SideConnection } from "./notify-connection.ts";

/** NOTIFY holds a lock of the whole server while it commits: what is said within this time goes together. */
const PAUSE_MS = 10;

/** So many notices at once are said shorter: look for yourself. */
const MOST_NOTICES = 5000;

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
export class NewsExchange {
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #side: () => Pick<SideConnection, "run" | "isListening">;
  readonly #listeners = new Set<NewsListener>();
  readonly #notices = new Map<string, Notice>();
  readonly #wakes = new Set<string>();
  #hasGap = false;
  #isPlanned = false;

  constructor(channel: string, clock: Clock, side: () => Pick<SideConnection, "run" | "isListening">) {
    this.#channel = channel;
    this.#clock = clock;
    this.#side = side;
  }

  subscribe(listener: NewsListener): () => void {
    this.#listeners.add(listener);
    // Whoever comes once it is heard has missed what came before, as at any gap.
    if (this.#side().isListening) {
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener.onGap();
      });
    }
    return () => void this.#listeners.delete(listener);
  }

  publish({ notices, wakes }: News): void {
    for (const notice of notices) this.#notices.set(`${notice.type}/${notice.id}`, merged(this.#notices, notice));
    for (const type of wakes) this.#wakes.add(type);
    if (this.#notices.size > MOST_NOTICES || !this.#side().isListening) this.#forget();
    this.#plan();
  }

  hear(text: string): void {
    const news = newsOf(text);
    for (const { onNews, onGap } of this.#listeners) {
      if (news === undefined) onGap();
      else onNews(news);
    }
  }

  /** The connection is there: for the first time, or after it was lost. */
  resume(): void {
    for (const { onGap } of this.#listeners) onGap();
    if (this.#hasGap) this.#plan();
  }

  /** Says what is left to say. */
  async close(): Promise<void> {
    if (this.#side().isListening && this.#notices.size + this.#wakes.size > 0) await this.#say();
  }

  /** What was to be said is said no more, but that it was. */
  #forget(): void {
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = true;
  }

  #plan(): void {
    if (this.#isPlanned || !this.#side().isListening) return;
    this.#isPlanned = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    await this.#say();
    this.#clock.after(PAUSE_MS, () => {
      this.#isPlanned = false;
      if (this.#notices.size + this.#wakes.size > 0 || this.#hasGap) this.#plan();
    });
  }

  async #say(): Promise<void> {
    const texts = [...textsOf({ notices: [...this.#notices.values()], wakes: [...this.#wakes] })];
    if (this.#hasGap) texts.push(GAP);
    this.#notices.clear();
    this.#wakes.clear();
    this.#hasGap = false;
    try {
      await this.#side().run(NOTIFY, [this.#channel, arrayOf("news", "text", texts)]);
    } catch {
      this.#hasGap = true;
    }
  }
}

/** An attempt that is to be aborted stays so, whatever has changed since. */
function merged(notices: ReadonlyMap<string, Notice>, notice: Notice): Notice {
  const before = notices.get(`${notice.type}/${notice.id}`);
  return before?.abort === undefined || notice.abort !== undefined ? notice : { ...notice, abort: before.abort };
}
