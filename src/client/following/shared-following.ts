import type { AfootError } from "../../core/errors.ts";
import type { Reply } from "../http/reply.ts";
import { createTransport, type Transport, type TransportOptions } from "../http/transport.ts";
import { Follower } from "./follower.ts";
import { embeddedStatus, type Reader, type Snapshot, snapshotOf } from "./reading.ts";

/** Options of a following that several components share. */
export interface SharedFollowOptions extends TransportOptions {
  /** Reads status and outcome from a reply. @default embeddedStatus */
  readonly read?: Reader;
}

/** The known state of a followed resource. A new object after each change. */
export interface View<Representation = unknown> {
  /** The latest state; undefined before the first reply. */
  readonly state: Snapshot<Representation> | undefined;
  /**
   * The error that ended the following: a GoneError, a ProblemError, or the error of a function of yours. Else
   * undefined.
   */
  readonly failure: Error | undefined;
  /**
   * The error of the latest try, while requests are being retried: a lost connection, 429 or 5xx. Undefined after a
   * reply.
   */
  readonly lastError: AfootError | undefined;
}

export const EMPTY_VIEW: View = { state: undefined, failure: undefined, lastError: undefined };

interface Subscriber {
  readonly onChange: () => void;
  /** Called for each request, so that options may be inline functions. */
  readonly options: () => SharedFollowOptions;
}

const followings = new Map<string, SharedFollowing>();

/** Returns the following of a key, while it has subscribers. */
export function findFollowing(key: string): SharedFollowing | undefined {
  return followings.get(key);
}

/** Follows a resource; all subscribers with the same key share one poll. Returns a function that unsubscribes. */
export function subscribe(key: string, url: string, subscriber: Subscriber): () => void {
  const following = followings.get(key) ?? new SharedFollowing(url, subscriber.options());
  followings.set(key, following);
  following.add(subscriber);
  return () => {
    following.remove(subscriber);
    // A component that is replaced by another on the same resource unsubscribes before the new one subscribes.
    queueMicrotask(() => {
      if (following.hasSubscribers || followings.get(key) !== following) return;
      followings.delete(key);
      following.stop();
    });
  };
}

/** One poll for any number of subscribers, and the view that all of them get. */
class SharedFollowing {
  readonly #follower: Follower<Snapshot>;
  readonly #subscribers = new Set<Subscriber>();
  #options: SharedFollowOptions;
  #view = EMPTY_VIEW;
  #stopListening: (() => void) | undefined;

  constructor(url: string, options: SharedFollowOptions) {
    this.#options = options;
    const latest = (): Transport => createTransport(this.#latestOptions());
    const { maxLongPolls, clock } = latest();
    const transport: Transport = {
      maxLongPolls,
      clock,
      headers: () => latest().headers(),
      fetch: (request) => latest().fetch(request),
    };
    const interpret = (reply: Reply): Snapshot => snapshotOf(reply, this.#latestOptions().read ?? embeddedStatus);
    this.#follower = new Follower(transport, url, interpret, false);
  }

  get view(): View {
    return this.#view;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    if (this.#stopListening === undefined) this.#listen();
  }

  remove(subscriber: Subscriber): void {
    this.#options = this.#latestOptions();
    this.#subscribers.delete(subscriber);
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** Applies the reply to a write, and follows the operation that it started. */
  accept(reply: Reply): void {
    this.#follower.accept(reply);
    this.#listen();
  }

  /** Requests the current state, also after following has ended. */
  refresh(): void {
    this.#follower.invalidate();
    this.#listen();
  }

  /** The options of the latest subscriber, because its closures are the newest. */
  #latestOptions(): SharedFollowOptions {
    return [...this.#subscribers].at(-1)?.options() ?? this.#options;
  }

  #listen(): void {
    this.stop();
    this.#show({ failure: undefined, lastError: undefined });
    this.#stopListening = this.#follower.listen({
      everyChange: true,
      onState: (state) => this.#show({ state }),
      onRetry: ({ error }) => this.#show({ lastError: error }),
      onResponse: () => this.#show({ lastError: undefined }),
      onError: (error) =>
        this.#show({ failure: error instanceof Error ? error : new Error(String(error)), lastError: undefined }),
    });
  }

  #show(change: Partial<View>): void {
    const next = { ...this.#view, ...change };
    const isSame =
      next.state === this.#view.state && next.failure === this.#view.failure && next.lastError === this.#view.lastError;
    if (isSame) return;
    this.#view = next;
    for (const { onChange } of this.#subscribers) onChange();
  }
}
