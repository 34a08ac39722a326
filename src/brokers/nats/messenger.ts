import { createInbox, headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import { AfootError } from "../../core/errors.ts";
import type { Link } from "./connection/connection.ts";
import { errorOf, failure, PART_COUNT, PART_SOURCE, partsOf } from "./wire/envelope.ts";

export interface AskOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A message ready to go: whole, or its first part with the address where the rest is asked for. */
interface Packed {
  readonly first: Uint8Array;
  readonly headers?: MsgHdrs;
  readonly release: () => void;
}

const WHOLE: Pick<Packed, "release"> = { release: () => {} };
/** Room for headers in a message that has any. */
const HEADER_BYTES = 512;
/** Small enough that beats, which share the connection, get in between. */
const MOST_PART_BYTES = 524_288;
/** How many parts are on their way at once. */
const WINDOW = 4;
/** How long the rest of a message is kept once nobody asks for it. */
const KEPT_MS = 30_000;
const DONE = "done";

/**
 * Questions and answers of any size. What is larger than NATS carries goes in parts: the first one says how many there are and
 * where to ask for them, and the receiver asks for one after the other. So it sets the pace, and nothing piles up in between.
 */
export class Exchange {
  readonly #link: Link;
  readonly #inbox: string;
  readonly #takers = new Map<string, (message: Msg) => void>();
  /** What waits for an answer, and is told when none can come any more. */
  readonly #waiting = new Set<(why: string) => void>();
  #tokens = 0;

  constructor(link: Link, inboxPrefix: string) {
    this.#link = link;
    this.#inbox = createInbox(inboxPrefix);
    link.listen(`${this.#inbox}.*`, (message) =>
      this.#takers.get(message.subject.slice(this.#inbox.length + 1))?.(message),
    );
    link.onDown(() => {
      for (const fail of this.#waiting) fail("the connection was lost");
    });
  }

  /**
   * Asks whoever listens to a subject.
   *
   * @throws AfootError `broker-unavailable` when nobody answers in time, the code of the answer when that is an error
   */
  async ask(subject: string, data: Uint8Array, options: AskOptions): Promise<Uint8Array> {
    const { clock } = this.#link;
    const { timeoutMs } = options;
    let isLate = (): void => {};
    let takeBack = (): void => {};
    const renew = (): void => {
      takeBack();
      takeBack = clock.after(timeoutMs, isLate);
    };
    // Whoever asks for the next part is at work on the answer.
    const packed = this.#pack(data, renew);
    try {
      const answer = await this.#askOnce(subject, packed, options.signal, (late) => {
        isLate = () => late(`not answered within ${timeoutMs} ms`);
        renew();
      });
      return await this.read(answer, timeoutMs);
    } finally {
      takeBack();
      packed.release();
    }
  }

  /** Answers a message, if it asks for an answer. */
  answer({ reply }: Msg, data: Uint8Array): void {
    if (reply === undefined || reply === "") return;
    const { first, headers: parts, release } = this.#pack(data, () => {});
    if (!this.#link.publish(reply, first, parts === undefined ? {} : { headers: parts })) release();
  }

  refuse({ reply }: Msg, error: unknown): void {
    if (reply === undefined || reply === "") return;
    const { data, headers: why } = failure(error);
    this.#link.publish(reply, data, { headers: why });
  }

  /** Gives the whole of a message. @throws AfootError where it is an error, or its rest cannot be had */
  async read(message: Msg, timeoutMs: number): Promise<Uint8Array> {
    const error = errorOf(message);
    if (error !== undefined) throw error;
    const parts = partsOf(message);
    if (parts === undefined) return message.data;
    const { count, source } = parts;
    const collected: Uint8Array[] = [message.data];
    let next = 1;
    const collect = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        collected[index] = await this.#part(source, index, timeoutMs);
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, collect));
    this.#link.publish(source, DONE);
    return Buffer.concat(collected);
  }

  async #part(source: string, index: number, timeoutMs: number): Promise<Uint8Array> {
    let takeBack = (): void => {};
    try {
      const answer = await this.#askOnce(source, { ...WHOLE, first: Buffer.from(String(index)) }, undefined, (late) => {
        takeBack = this.#link.clock.after(timeoutMs, () =>
          late(`its part ${index} did not come within ${timeoutMs} ms`),
        );
      });
      const error = errorOf(answer);
      if (error !== undefined) throw error;
      return answer.data;
    } finally {
      takeBack();
    }
  }

  async #askOnce(
    subject: string,
    { first, headers: parts }: Packed,
    signal: AbortSignal | undefined,
    limit: (late: (why: string) => void) => void,
  ): Promise<Msg> {
    signal?.throwIfAborted();
    const answered = Promise.withResolvers<Msg>();
    const fail = (why: string): void => answered.reject(unavailable(why));
    const abort = (): void => answered.reject(signal?.reason);
    const [address, release] = this.#register(answered.resolve);
    this.#waiting.add(fail);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      limit(fail);
      if (!this.#link.publish(subject, first, { reply: address, ...(parts === undefined ? {} : { headers: parts }) })) {
        throw unavailable("NATS is not connected");
      }
      return await answered.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(fail);
      release();
    }
  }

  #register(take: (message: Msg) => void): readonly [address: string, release: () => void] {
    const token = (this.#tokens++).toString(36);
    this.#takers.set(token, take);
    return [`${this.#inbox}.${token}`, () => void this.#takers.delete(token)];
  }

  #pack(data: Uint8Array, onAsked: () => void): Packed {
    const { maxPayload, clock } = this.#link;
    if (data.length <= maxPayload) return { ...WHOLE, first: data };
    const size = Math.min(MOST_PART_BYTES, Math.max(1, maxPayload - HEADER_BYTES));
    const part = (index: number): Uint8Array => data.subarray(index * size, (index + 1) * size);
    const [source, forget] = this.#register((message) => {
      const asked = message.string();
      if (asked === DONE) release();
      else {
        keep();
        onAsked();
        if (message.reply !== undefined) this.#link.publish(message.reply, part(Number(asked)));
      }
    });
    let takeBack = (): void => {};
    const release = (): void => {
      takeBack();
      forget();
    };
    const keep = (): void => {
      takeBack();
      takeBack = clock.after(KEPT_MS, release);
    };
    keep();
    const said = headers();
    said.set(PART_COUNT, String(Math.ceil(data.length / size)));
    said.set(PART_SOURCE, source);
    return { first: part(0), headers: said, release };
  }
}

function unavailable(why: string): AfootError {
  return new AfootError("broker-unavailable", `The request was not answered: ${why}.`);
}
