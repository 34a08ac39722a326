import type { AfootError } from "../../core/errors.ts";
import type { Answer } from "../http/reply.ts";
import { createTransport, type Transport, type TransportOptions } from "../http/transport.ts";
import { Follower } from "./follower.ts";
import { embeddedStatus, type Reader, type Snapshot, snapshotOf } from "./reading.ts";

/** How a resource is followed for those who look on. */
export interface SharedOptions extends TransportOptions {
  /** Tells from an answer how the resource stands. @default embeddedStatus */
  readonly read?: Reader;
}

/** What is known of a followed resource. A new object with every change. */
export interface View<Representation = unknown> {
  /** The latest state; undefined before the first answer. */
  readonly state: Snapshot<Representation> | undefined;
  /** Why following ended early: a GoneError, a ProblemError, or what a function of yours threw. Undefined while it goes well. */
  readonly failure: Error | undefined;
  /** Why nothing is heard at the moment: a lost connection, 429 or 5xx. It is asked again until it answers. */
  readonly trouble: AfootError | undefined;
}

export const NOTHING: View = { state: undefined, failure: undefined, trouble: undefined };

interface Onlooker {
  readonly onChange: () => void;
  /** Asked anew for each request, so that functions may be written in place. */
  readonly options: () => SharedOptions;
}

const followings = new Map<string, SharedFollowing>();

/** The following of a key, while anybody looks on. */
export function followingOf(key: string): SharedFollowing | undefined {
  return followings.get(key);
}

/** Follows a resource together with all who give the same key: one poll. Returns what ends it for this one. */
export function lookOn(key: string, url: string, onlooker: Onlooker): () => void {
  const following = followings.get(key) ?? new SharedFollowing(url, onlooker.options());
  followings.set(key, following);
  following.add(onlooker);
  return () => {
    following.remove(onlooker);
    // A component that is replaced by another on the same resource leaves before that one comes.
    queueMicrotask(() => {
      if (following.isWatched || followings.get(key) !== following) return;
      followings.delete(key);
      following.end();
    });
  };
}

/** One poll for any number of onlookers, and the view that all of them are shown. */
class SharedFollowing {
  readonly #follower: Follower<Snapshot>;
  readonly #onlookers = new Set<Onlooker>();
  #options: SharedOptions;
  #view = NOTHING;
  #unlisten: (() => void) | undefined;

  constructor(url: string, options: SharedOptions) {
    this.#options = options;
    const now = (): Transport => createTransport(this.#latest());
    const { maxHeld, clock } = now();
    const transport: Transport = {
      maxHeld,
      clock,
      headers: () => now().headers(),
      fetch: (request) => now().fetch(request),
    };
    const interpret = (answer: Answer): Snapshot => snapshotOf(answer, this.#latest().read ?? embeddedStatus);
    this.#follower = new Follower(transport, url, interpret, false);
  }

  get view(): View {
    return this.#view;
  }

  get isWatched(): boolean {
    return this.#onlookers.size > 0;
  }

  add(onlooker: Onlooker): void {
    this.#onlookers.add(onlooker);
    if (this.#unlisten === undefined) this.#listen();
  }

  remove(onlooker: Onlooker): void {
    this.#options = this.#latest();
    this.#onlookers.delete(onlooker);
  }

  end(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  /** Takes what a write was answered with, and follows what it began. */
  accept(answer: Answer): void {
    this.#follower.accept(answer);
    this.#listen();
  }

  /** Asks the server anew, also after the end. */
  refresh(): void {
    this.#follower.doubt();
    this.#listen();
  }

  /** Those of the last to come: what it closed over is the newest. */
  #latest(): SharedOptions {
    return [...this.#onlookers].at(-1)?.options() ?? this.#options;
  }

  #listen(): void {
    this.end();
    this.#show({ failure: undefined, trouble: undefined });
    this.#unlisten = this.#follower.listen({
      every: true,
      onState: (state) => this.#show({ state }),
      onRetry: ({ error }) => this.#show({ trouble: error }),
      onHeard: () => this.#show({ trouble: undefined }),
      onError: (error) =>
        this.#show({ failure: error instanceof Error ? error : new Error(String(error)), trouble: undefined }),
    });
  }

  #show(news: Partial<View>): void {
    const next = { ...this.#view, ...news };
    const isSame =
      next.state === this.#view.state && next.failure === this.#view.failure && next.trouble === this.#view.trouble;
    if (isSame) return;
    this.#view = next;
    for (const { onChange } of this.#onlookers) onChange();
  }
}
