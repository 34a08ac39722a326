import { createInbox, headers, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import { AfootError } from "../../core/errors.ts";
import type { PersistentConnection } from "./connection/connection.ts";
import { errorOf, errorReply, PART_COUNT, PART_SOURCE, partsOf } from "./wire/envelope.ts";
import type { Subjects } from "./wire/subjects.ts";

export interface MessengerRequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An outgoing message: complete, or its first part with the address from which the receiver requests the others. */
interface PackedMessage {
  readonly first: Uint8Array;
  readonly headers?: MsgHdrs;
  readonly release: () => void;
}

const COMPLETE: Pick<PackedMessage, "release"> = { release: () => {} };
/** Bytes reserved for the headers of a message. */
const HEADER_BYTES = 512;
/** Maximum size of a part. It is small, so that heartbeats on the same connection get through in between. */
const MAX_PART_BYTES = 524_288;
/** Maximum number of parts that are requested at the same time. */
const MAX_CONCURRENT_PARTS = 4;
/** Time that the other parts of a message are kept after the latest request for one of them. */
const PARTS_TTL_MS = 30_000;
const DONE = "done";
/** Maximum size of a message in parts. The type of an operation limits its size further. */
const MAX_MESSAGE_BYTES = 268_435_456;

/**
 * Requests and replies of any size. A message above NATS's payload limit is sent in parts: the first part contains
 * their number and an address, and the receiver requests the others from there. The receiver sets the pace, so no parts
 * queue up in NATS.
 */
export class Messenger {
  readonly #connection: PersistentConnection;
  readonly #inbox: string;
  readonly #subjects: Pick<Subjects, "isInbox">;
  readonly #receivers = new Map<string, (message: Msg) => void>();
  /** Functions that fail pending requests when the connection is lost. */
  readonly #pending = new Set<(reason: string) => void>();
  #tokens = 0;

  constructor(connection: PersistentConnection, inboxPrefix: string, subjects: Pick<Subjects, "isInbox">) {
    this.#connection = connection;
    this.#subjects = subjects;
    this.#inbox = createInbox(inboxPrefix);
    connection.subscribe(`${this.#inbox}.*`, (message) =>
      this.#receivers.get(message.subject.slice(this.#inbox.length + 1))?.(message),
    );
    connection.onDown(() => {
      for (const fail of this.#pending) fail("the connection was lost");
    });
  }

  /**
   * Sends a request to a subject, and resolves to the reply.
   *
   * @throws AfootError `broker-unavailable` if no reply arrives in time, or the code of an error reply
   */
  async request(subject: string, data: Uint8Array, options: MessengerRequestOptions): Promise<Uint8Array> {
    const { clock } = this.#connection;
    const { timeoutMs } = options;
    let onTimeout = (): void => {};
    let cancelTimer = (): void => {};
    const restartTimer = (): void => {
      cancelTimer();
      cancelTimer = clock.after(timeoutMs, onTimeout);
    };
    // A receiver that requests the next part is processing the request.
    const packed = this.#pack(data, restartTimer);
    try {
      const reply = await this.#requestOnce(subject, packed, options.signal, (fail) => {
        onTimeout = () => fail(`no reply within ${timeoutMs} ms`);
        restartTimer();
      });
      return await this.read(reply, timeoutMs);
    } finally {
      cancelTimer();
      packed.release();
    }
  }

  /** True unless a message requests a reply to a subject of the app or of NATS itself. */
  mayReply({ reply = "" }: Msg): boolean {
    return this.#subjects.isInbox(reply);
  }

  /** Replies to a message, if it requests a reply. */
  reply(message: Msg, data: Uint8Array): void {
    const { reply } = message;
    if (reply === undefined || reply === "" || !this.mayReply(message)) return;
    const { first, headers: partHeaders, release } = this.#pack(data, () => {});
    if (!this.#connection.publish(reply, first, partHeaders === undefined ? {} : { headers: partHeaders })) release();
  }

  replyError(message: Msg, error: unknown): void {
    const { reply } = message;
    if (reply === undefined || reply === "" || !this.mayReply(message)) return;
    const { data, headers: errorHeaders } = errorReply(error);
    this.#connection.publish(reply, data, { headers: errorHeaders });
  }

  /**
   * Returns the complete content of a message. @throws AfootError for an error reply, or if the other parts do not
   * arrive
   */
  async read(message: Msg, timeoutMs: number): Promise<Uint8Array> {
    const error = errorOf(message);
    if (error !== undefined) throw error;
    const parts = partsOf(message);
    if (parts === undefined) return message.data;
    const { count, source } = parts;
    if (!this.#subjects.isInbox(source)) throw invalidParts("the address of its parts is no inbox");
    const collected: Uint8Array[] = [message.data];
    let next = 1;
    let size = message.data.length;
    const collect = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        const part = await this.#part(source, index, timeoutMs);
        size += part.length;
        if (part.length === 0 || size > MAX_MESSAGE_BYTES) {
          next = count;
          throw invalidParts(`it has an empty part, or more than ${MAX_MESSAGE_BYTES} bytes`);
        }
        collected[index] = part;
      }
    };
    await Promise.all(Array.from({ length: MAX_CONCURRENT_PARTS }, collect));
    this.#connection.publish(source, DONE);
    return Buffer.concat(collected);
  }

  async #part(source: string, index: number, timeoutMs: number): Promise<Uint8Array> {
    let cancelTimer = (): void => {};
    try {
      const packed = { ...COMPLETE, first: Buffer.from(String(index)) };
      const reply = await this.#requestOnce(source, packed, undefined, (fail) => {
        cancelTimer = this.#connection.clock.after(timeoutMs, () =>
          fail(`part ${index} did not arrive within ${timeoutMs} ms`),
        );
      });
      const error = errorOf(reply);
      if (error !== undefined) throw error;
      return reply.data;
    } finally {
      cancelTimer();
    }
  }

  async #requestOnce(
    subject: string,
    { first, headers: partHeaders }: PackedMessage,
    signal: AbortSignal | undefined,
    startTimer: (fail: (reason: string) => void) => void,
  ): Promise<Msg> {
    signal?.throwIfAborted();
    const replied = Promise.withResolvers<Msg>();
    const fail = (reason: string): void => replied.reject(unavailable(reason));
    const abort = (): void => replied.reject(signal?.reason);
    const { address, release } = this.#register(replied.resolve);
    this.#pending.add(fail);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      startTimer(fail);
      const options = { reply: address, ...(partHeaders === undefined ? {} : { headers: partHeaders }) };
      if (!this.#connection.publish(subject, first, options)) throw unavailable("NATS is not connected");
      return await replied.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(fail);
      release();
    }
  }

  #register(receive: (message: Msg) => void): { readonly address: string; readonly release: () => void } {
    const token = (this.#tokens++).toString(36);
    this.#receivers.set(token, receive);
    return { address: `${this.#inbox}.${token}`, release: () => void this.#receivers.delete(token) };
  }

  #pack(data: Uint8Array, onPartRequested: () => void): PackedMessage {
    const { maxPayload, clock } = this.#connection;
    if (data.length <= maxPayload) return { ...COMPLETE, first: data };
    const size = Math.min(MAX_PART_BYTES, Math.max(1, maxPayload - HEADER_BYTES));
    const part = (index: number): Uint8Array => data.subarray(index * size, (index + 1) * size);
    const { address, release: unregister } = this.#register((message) => {
      const requested = message.string();
      if (requested === DONE) release();
      else {
        restartTimer();
        onPartRequested();
        const { reply } = message;
        if (reply !== undefined && this.mayReply(message)) this.#connection.publish(reply, part(Number(requested)));
      }
    });
    let cancelTimer = (): void => {};
    const release = (): void => {
      cancelTimer();
      unregister();
    };
    const restartTimer = (): void => {
      cancelTimer();
      cancelTimer = clock.after(PARTS_TTL_MS, release);
    };
    restartTimer();
    const partHeaders = headers();
    partHeaders.set(PART_COUNT, String(Math.ceil(data.length / size)));
    partHeaders.set(PART_SOURCE, address);
    return { first: part(0), headers: partHeaders, release };
  }
}

function invalidParts(problem: string): AfootError {
  return new AfootError("invalid-message", `The message in parts is invalid: ${problem}.`);
}

function unavailable(reason: string): AfootError {
  return new AfootError("broker-unavailable", `The request got no reply: ${reason}.`);
}
