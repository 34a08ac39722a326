import { Worker } from "node:worker_threads";
import { StoreOpenError, StoreUnavailableError } from "../../../core/errors.ts";
import type { WriteReply, FromWriter, ToWriter, WriteCall, WriterSetup } from "./protocol.ts";

/** Both URLs are literals, so that bundlers find the file. */
const ENTRY = import.meta.url.endsWith(".ts")
  ? new URL("./writer-thread.ts", import.meta.url)
  : new URL("./writer-thread.js", import.meta.url);

/** Most objects live for one group of calls. A young generation of this size avoids copying them. */
const YOUNG_GENERATION_MB = 64;

/** Callbacks of an open thread. */
export interface ThreadListener {
  /** Called once, when it is unknown what is stored. Every later group of calls rejects. */
  readonly onFatal: (error: Error) => void;
  /** Called with true when the disk becomes full, and with false when there is room again. */
  readonly onDiskFull?: ((isFull: boolean) => void) | undefined;
}

/** The main thread's handle of the write thread. */
export class Thread {
  readonly #worker = new Worker(ENTRY, {
    name: "afoot-sqlite",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  readonly #opened = Promise.withResolvers<number>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pendingGroups: PromiseWithResolvers<readonly WriteReply[]>[] = [];
  #listener: ThreadListener = { onFatal: () => {} };
  #isFull = false;
  #state: "opening" | "open" | "closing" = "opening";
  #failure: Error | undefined;

  /** Starts the thread. Before `open()` it touches no file and does not keep the process alive. */
  constructor() {
    // The error is reported by open(), which may never be called.
    this.#opened.promise.catch(() => {});
    this.#worker.on("message", (message: FromWriter) => this.#receive(message));
    this.#worker.once("error", (error) => this.#fail(error instanceof Error ? error.message : String(error), error));
    this.#worker.once("exit", (code) => {
      if (this.#state !== "closing") this.#fail(`the write thread ended with code ${code}`);
      this.#ended.resolve();
    });
    this.#worker.unref();
  }

  /**
   * Resolves when the thread has the file open, to the milliseconds by which it moved instants.
   *
   * @throws StoreOpenError after the thread has ended
   */
  async open(setup: WriterSetup, listener: ThreadListener): Promise<number> {
    this.#listener = listener;
    this.#worker.ref();
    this.#send({ message: "open", setup });
    try {
      return await this.#opened.promise;
    } catch (error) {
      await this.#ended.promise;
      throw error;
    }
  }

  /** Commits a group of calls in one transaction. */
  async commit(calls: readonly WriteCall[]): Promise<readonly WriteReply[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const group = Promise.withResolvers<readonly WriteReply[]>();
    // Sent first: calls that cannot be sent get no reply.
    this.#send({ message: "calls", calls });
    this.#pendingGroups.push(group);
    return group.promise;
  }

  /** Ends the thread after the pending groups are committed. */
  async close(): Promise<void> {
    if (this.#state !== "closing" && this.#failure === undefined) {
      this.#state = "closing";
      this.#worker.ref();
      this.#send({ message: "close" });
    }
    await this.#ended.promise;
  }

  #send(message: ToWriter): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWriter): void {
    switch (message.message) {
      case "open":
        this.#state = "open";
        this.#opened.resolve(message.movedMs);
        break;
      case "failed-to-open":
        this.#opened.reject(new StoreOpenError(message.code, message.reason));
        break;
      case "replies":
        this.#pendingGroups.shift()?.resolve(message.replies);
        break;
      case "disk":
        if (message.isFull !== this.#isFull) this.#listener.onDiskFull?.(message.isFull);
        this.#isFull = message.isFull;
        break;
      case "fatal":
        this.#fail(message.reason);
        break;
    }
  }

  #fail(reason: string, cause?: unknown): void {
    this.#opened.reject(new StoreOpenError("store-open", `The store cannot be opened: ${reason}`, { cause }));
    if (this.#failure !== undefined) return;
    const text = `The store stopped writing, and it is unknown whether its last writes are stored: ${reason}`;
    this.#failure = new StoreUnavailableError(text, { cause });
    for (const group of this.#pendingGroups.splice(0)) group.reject(this.#failure);
    if (this.#state === "open") this.#listener.onFatal(this.#failure);
  }
}
