import type { AfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { pause } from "../../core/scheduling/pause.ts";
import { strongTag } from "../http/entity-tag.ts";
import type { Reply } from "../http/reply.ts";
import { type CallOptions, type Retry, send, type SendOptions } from "../http/send.ts";
import type { Transport } from "../http/transport.ts";
import { canonicalJson } from "./canonical-json.ts";
import { nextPauseMs, supportsLongPolling } from "./pacing.ts";
import type { FollowedState } from "./state.ts";

/** Longest wait that a long poll requests: below the idle time after which common proxies cut a connection. */
const LONG_POLL_S = 30;

/**
 * Number of open long polls. All followers of the page or process count together, because they share its connections.
 */
let openLongPolls = 0;

export interface Listener<State> {
  /** Requests every change. False requests the settled state alone. */
  readonly everyChange: boolean;
  readonly onState: (state: State) => void;
  readonly onError: (error: unknown) => void;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** Called after each reply, changed or not. */
  readonly onResponse?: () => void;
}

interface Polling {
  readonly everyChange: boolean;
  readonly controller: AbortController;
}

/**
 * Keeps the latest state of one resource, and polls for the next one while it has listeners: one poll for any number of
 * listeners. Polling ends once the resource is settled or gone.
 */
export class Follower<State extends FollowedState> {
  readonly transport: Transport;
  readonly url: string;
  readonly #interpret: (reply: Reply) => State;
  readonly #isAfoot: boolean;
  readonly #listeners = new Set<Listener<State>>();
  #polling: Polling | undefined;
  #lastError: AfootError | undefined;

  #state: State | undefined;
  #text = "";
  #etag = "";
  /** True after a write whose reply did not contain the state that it led to. */
  #isStale = false;
  #isLongPolling = false;
  #unchangedCount = 0;
  #nextPollAt = 0;
  /** Requests are numbered in the order of sending, so that a late reply never replaces a newer one. */
  #lastSent = 0;
  #lastApplied = 0;

  /** @param isAfoot true if the server is known to support long polling before its first reply shows it */
  constructor(transport: Transport, url: string, interpret: (reply: Reply) => State, isAfoot: boolean) {
    this.transport = transport;
    this.url = url;
    this.#interpret = interpret;
    this.#isAfoot = isAfoot;
  }

  /** The latest state known. */
  get state(): State | undefined {
    return this.#state;
  }

  /** The strong entity tag of the latest reply with a state; empty if it had none. */
  get etag(): string {
    return this.#etag;
  }

  /** The error of the latest try, while requests are being retried. */
  get lastError(): AfootError | undefined {
    return this.#lastError;
  }

  /** Applies the reply to a write. It is newer than the reply of any poll in flight. */
  accept(reply: Reply): void {
    this.#stopPolling();
    if (isJsonObject(reply.body)) this.#apply(reply, ++this.#lastSent);
    else this.#lastApplied = ++this.#lastSent;
    // A 202 with a settled state may be an older reply, replayed for its Idempotency-Key.
    this.#isStale = !isJsonObject(reply.body) || (reply.status === 202 && this.#state?.settled === true);
    this.#nextPollAt = 0;
    this.#isLongPolling = this.#isAfoot;
    this.#resume();
  }

  /** Marks the known state as stale: listeners get the next state from the server, not from memory. */
  invalidate(): void {
    this.#isStale = true;
    this.#nextPollAt = 0;
    this.#resume();
  }

  /** Requests the state now, once. */
  async refresh(options?: CallOptions): Promise<void> {
    await this.#request(this.#noneMatch(), options);
    this.#resume();
  }

  /**
   * Calls back with the latest known state, and with each one that follows. Returns a function that removes the
   * listener.
   */
  listen(listener: Listener<State>): () => void {
    this.#listeners.add(listener);
    if (this.#state !== undefined && !this.#isStale) listener.onState(this.#state);
    this.#resume();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopPolling();
    };
  }

  #stopPolling(): void {
    this.#polling?.controller.abort();
    this.#polling = undefined;
    this.#lastError = undefined;
  }

  /** Polls exactly while there are listeners and the resource is not known to be settled. */
  #resume(): void {
    if (this.#state?.settled === true && !this.#isStale) {
      this.#listeners.clear();
      this.#stopPolling();
    }
    if (this.#listeners.size === 0) return;
    const everyChange = [...this.#listeners].some((listener) => listener.everyChange);
    if (this.#polling !== undefined && (this.#polling.everyChange || !everyChange)) return;
    this.#stopPolling();
    const controller = new AbortController();
    this.#polling = { everyChange, controller };
    void this.#poll(everyChange, controller.signal);
  }

  async #poll(everyChange: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.transport;
    let headers: Record<string, string> = {};
    const onRetry = (retry: Retry): void => {
      this.#lastError = retry.error;
      // The first reply after an outage is wanted at once.
      headers["prefer"] = "wait=0";
      for (const listener of this.#listeners) listener.onRetry?.(retry);
    };
    try {
      while (!signal.aborted) {
        await pause(clock, this.#nextPollAt - clock.monotonic(), signal);
        signal.throwIfAborted();
        // The first reply is wanted at once. `wait=0` still shows whether the server supports long polling.
        const waitS = (everyChange && this.#state === undefined) || !this.#mayLongPoll() ? 0 : LONG_POLL_S;
        // With If-None-Match, a long poll returns at the next change; without it, when the resource is settled.
        const isConditional = everyChange || waitS === 0 || !this.#isLongPolling;
        headers = { prefer: `wait=${waitS}`, ...(isConditional && this.#noneMatch()) };
        await this.#request(headers, { signal, timeoutMs: Infinity, waitMs: waitS * 1000, onRetry });
        this.#lastError = undefined;
        for (const listener of this.#listeners) listener.onResponse?.();
        this.#resume();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #mayLongPoll(): boolean {
    return openLongPolls < this.transport.maxLongPolls;
  }

  #noneMatch(): Record<string, string> {
    return this.#etag === "" ? {} : { "if-none-match": this.#etag };
  }

  #fail(error: unknown): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#stopPolling();
    // The next listener must not get the state from memory.
    this.#isStale = true;
    for (const listener of listeners) listener.onError(error);
  }

  async #request(headers: Readonly<Record<string, string>>, options: SendOptions = {}): Promise<void> {
    const order = ++this.#lastSent;
    const longPolls = (options.waitMs ?? 0) > 0 ? 1 : 0;
    openLongPolls += longPolls;
    const sending = send(this.transport, { method: "GET", url: this.url, headers }, options);
    const reply = await sending.finally(() => {
      openLongPolls -= longPolls;
    });
    if (order > this.#lastApplied) this.#apply(reply, order);
  }

  #apply(reply: Reply, order: number): void {
    const { clock } = this.transport;
    const isChanged = this.#update(reply);
    const mustNotify = isChanged || this.#isStale;
    this.#lastApplied = order;
    this.#isStale = false;
    this.#unchangedCount = isChanged ? 0 : this.#unchangedCount + 1;
    this.#isLongPolling = supportsLongPolling(reply.headers);
    const pauseMs = nextPauseMs({
      reply,
      isChanged,
      isLongPolling: this.#isLongPolling && this.#mayLongPoll(),
      unchangedCount: this.#unchangedCount,
      random: clock.random(),
    });
    this.#nextPollAt = clock.monotonic() + pauseMs;
    if (this.#state === undefined || !mustNotify) return;
    for (const listener of this.#listeners) listener.onState(this.#state);
  }

  /** Stores the state of a reply. Returns true if it differs from the one before. */
  #update(reply: Reply): boolean {
    if (reply.status === 304) return false;
    const state = this.#interpret(reply);
    const text = canonicalJson(state);
    const isChanged = text !== this.#text;
    // An equal state keeps its identity, so that a view of it does not change either.
    if (isChanged) this.#state = state;
    this.#text = text;
    this.#etag = strongTag(reply.headers.get("etag") ?? "");
    return isChanged;
  }
}
