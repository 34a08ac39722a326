import { Worker } from "node:worker_threads";
import { StoreOpenError, StoreUnavailableError } from "../../../core/errors.ts";
import type { WriteReply, FromWriter, ToWriter, WriteCall, WriterSetup } from "./protocol.ts";

/** Spelled out both times: that is how tools find the file. */
const ENTRY = import.meta.url.endsWith(".ts")
  ? new URL("./writer-thread.ts", import.meta.url)
  : new URL("./writer-thread.js", import.meta.url);

/** Most of what the thread makes is gone after its group of calls: in a young generation of this size little of it is ever copied. */
const YOUNG_GENERATION_MB = 64;

/** The main thread's end of the write thread. */
export class Thread {
  readonly #worker = new Worker(ENTRY, {
    name: "afoot-sqlite",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  readonly #opened = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pendingGroups: PromiseWithResolvers<readonly WriteReply[]>[] = [];
  #onFatal: (error: Error) => void = () => {};
  #state: "opening" | "open" | "closing" = "opening";
  #failure: Error | undefined;

  /** Begins the thread. It touches no file, and keeps no process, before `open()`. */
  constructor() {
    // Told to who opens, if anybody does.
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
   * Resolves when the thread has the file open.
   *
   * @param onFatal called once, when nobody can say any more what is stored; every group of calls then rejects
   * @throws StoreOpenError once the thread has ended again
   */
  async open(setup: WriterSetup, onFatal: (error: Error) => void): Promise<void> {
    this.#onFatal = onFatal;
    this.#worker.ref();
    this.#send({ message: "open", setup });
    try {
      await this.#opened.promise;
    } catch (error) {
      await this.#ended.promise;
      throw error;
    }
  }

  /** Commits a group of calls in one transaction. */
  async commit(calls: readonly WriteCall[]): Promise<readonly WriteReply[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const group = Promise.withResolvers<readonly WriteReply[]>();
    // In this order: what cannot be sent gets no answer.
    this.#send({ message: "calls", calls });
    this.#pendingGroups.push(group);
    return group.promise;
  }

  /** Ends the thread once the groups under way are committed. */
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
        this.#opened.resolve();
        break;
      case "failed-to-open":
        this.#opened.reject(new StoreOpenError(message.code, message.reason));
        break;
      case "answers":
        this.#pendingGroups.shift()?.resolve(message.answers);
        break;
      case "fatal":
        this.#fail(message.reason);
        break;
    }
  }

  #fail(reason: string, cause?: unknown): void {
    this.#opened.reject(new StoreOpenError("store-open", `The store cannot be opened: ${reason}`, { cause }));
    if (this.#failure !== undefined) return;
    const text = `The store writes no more, and whether its last writes are stored is unknown: ${reason}`;
    this.#failure = new StoreUnavailableError(text, { cause });
    for (const group of this.#pendingGroups.splice(0)) group.reject(this.#failure);
    if (this.#state === "open") this.#onFatal(this.#failure);
  }
}
