import type { AfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { Answer } from "../http/reply.ts";
import { type Retry, send, type SendOptions } from "../http/send.ts";
import type { Transport } from "../http/transport.ts";
import { holdsAnswers, nextPauseMs } from "./pacing.ts";
import type { FollowedState } from "./state.ts";

/** How long a server is asked to hold an answer: below the idle time after which common proxies cut a connection. */
const HOLD_S = 30;

/** How many requests are held at the moment, by all followers of the page or process: they share its connections. */
let held = 0;

export interface Listener<State> {
  /** Every change is wanted, not the settled state alone. */
  readonly every: boolean;
  readonly onState: (state: State) => void;
  readonly onError: (error: unknown) => void;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** The server answered, with news or without. */
  readonly onHeard?: () => void;
}

/**
 * Knows the latest state of one resource, and polls for the next while anybody listens: one poll however many listeners. Ends by
 * itself once the resource is settled or gone.
 */
export class Follower<State extends FollowedState> {
  readonly transport: Transport;
  readonly url: string;
  readonly #interpret: (answer: Answer) => State;
  readonly #ours: boolean;
  readonly #listeners = new Set<Listener<State>>();
  #polling: { readonly every: boolean; readonly ending: AbortController } | undefined;
  #trouble: AfootError | undefined;

  #state: State | undefined;
  #text = "";
  #etag: string | null = null;
  /** A write has been answered without the state it led to. */
  #stale = false;
  #holds = false;
  #quiet = 0;
  #askAt = 0;
  /** Requests are numbered as they leave, so that of two answers the newer one counts whichever arrives last. */
  #sent = 0;
  #newest = 0;

  /** @param ours the server is known to hold answers, before it has shown it */
  constructor(transport: Transport, url: string, interpret: (answer: Answer) => State, ours: boolean) {
    this.transport = transport;
    this.url = url;
    this.#interpret = interpret;
    this.#ours = ours;
  }

  /** The latest state known. */
  get state(): State | undefined {
    return this.#state;
  }

  get etag(): string | null {
    return this.#etag;
  }

  /** Why nothing is heard at the moment. */
  get trouble(): AfootError | undefined {
    return this.#trouble;
  }

  /** Takes what a write was answered with: newer than whatever a poll under way brings. */
  accept(answer: Answer): void {
    this.#stopPolling();
    if (isJsonObject(answer.body)) this.#take(answer, ++this.#sent);
    else this.#newest = ++this.#sent;
    // A 202 that reads as settled may be an older answer, repeated for its Idempotency-Key.
    this.#stale = !isJsonObject(answer.body) || (answer.status === 202 && this.#state?.settled === true);
    this.#askAt = 0;
    this.#holds = this.#ours;
    this.#resume();
  }

  /** Lets nobody be answered from memory before the server has been asked again. */
  doubt(): void {
    this.#stale = true;
    this.#askAt = 0;
    this.#resume();
  }

  /** Asks now, once. */
  async refresh(options: SendOptions): Promise<void> {
    await this.#ask(this.#etag === null ? {} : { "if-none-match": this.#etag }, options);
    this.#resume();
  }

  /** Calls back with the latest state known, and with each that follows. Returns what ends it. */
  listen(listener: Listener<State>): () => void {
    this.#listeners.add(listener);
    if (this.#state !== undefined && !this.#stale) listener.onState(this.#state);
    this.#resume();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopPolling();
    };
  }

  #stopPolling(): void {
    this.#polling?.ending.abort();
    this.#polling = undefined;
    this.#trouble = undefined;
  }

  /** Polls exactly while there is somebody to tell and something to wait for. */
  #resume(): void {
    if (this.#state?.settled === true && !this.#stale) {
      this.#listeners.clear();
      this.#stopPolling();
    }
    if (this.#listeners.size === 0) return;
    const every = [...this.#listeners].some((listener) => listener.every);
    if (this.#polling !== undefined && (this.#polling.every || !every)) return;
    this.#stopPolling();
    const ending = new AbortController();
    this.#polling = { every, ending };
    void this.#poll(every, ending.signal);
  }

  async #poll(every: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.transport;
    let headers: Record<string, string> = {};
    const onRetry = (retry: Retry): void => {
      this.#trouble = retry.error;
      // A server that is back says so at once.
      headers["prefer"] = "wait=0";
      for (const listener of this.#listeners) listener.onRetry?.(retry);
    };
    try {
      while (!signal.aborted) {
        await pause(clock, this.#askAt - clock.monotonic(), signal);
        signal.throwIfAborted();
        // The first answer is wanted at once; asking for no wait still shows whether the server knows how to.
        const holdS = (every && this.#state === undefined) || !this.#mayHold() ? 0 : HOLD_S;
        headers = this.#conditions(every, holdS);
        await this.#ask(headers, { signal, holdMs: holdS * 1000, onRetry });
        this.#trouble = undefined;
        for (const listener of this.#listeners) listener.onHeard?.();
        this.#resume();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #mayHold(): boolean {
    return held < this.transport.maxHeld;
  }

  /** A held answer comes at the next change where If-None-Match is sent, else when the resource is settled. */
  #conditions(every: boolean, holdS: number): Record<string, string> {
    const ifNoneMatch = every || holdS === 0 || !this.#holds ? this.#etag : null;
    return { prefer: `wait=${holdS}`, ...(ifNoneMatch === null ? {} : { "if-none-match": ifNoneMatch }) };
  }

  #fail(error: unknown): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#stopPolling();
    // Whoever asks again is not answered from memory.
    this.#stale = true;
    for (const listener of listeners) listener.onError(error);
  }

  async #ask(headers: Readonly<Record<string, string>>, options: SendOptions): Promise<void> {
    const order = ++this.#sent;
    const place = (options.holdMs ?? 0) > 0 ? 1 : 0;
    held += place;
    const answering = send(this.transport, { method: "GET", url: this.url, headers }, options);
    const answer = await answering.finally(() => {
      held -= place;
    });
    if (order > this.#newest) this.#take(answer, order);
  }

  #take(answer: Answer, order: number): void {
    const { clock } = this.transport;
    const news = this.#learn(answer);
    const tell = news || this.#stale;
    this.#newest = order;
    this.#stale = false;
    this.#quiet = news ? 0 : this.#quiet + 1;
    this.#holds = holdsAnswers(answer.headers);
    const holding = this.#holds && this.#mayHold();
    this.#askAt =
      clock.monotonic() + nextPauseMs({ answer, news, holding, quiet: this.#quiet, random: clock.random() });
    if (this.#state === undefined || !tell) return;
    for (const listener of this.#listeners) listener.onState(this.#state);
  }

  #learn(answer: Answer): boolean {
    if (answer.status === 304) return false;
    const state = this.#interpret(answer);
    const news = answer.text !== this.#text || state.settled !== this.#state?.settled;
    this.#state = state;
    this.#text = answer.text;
    this.#etag = answer.headers.get("etag");
    return news;
  }
}
