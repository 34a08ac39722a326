import { Worker } from "node:worker_threads";
import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { Answer, FromWriter, ToWriter, WriteCall, WriterSetup } from "./protocol.ts";

/** The main thread's end of the write thread. */
export interface Thread {
  /** Commits a group of calls in one transaction. */
  commit(calls: readonly WriteCall[]): Promise<readonly Answer[]>;
  /** Ends the thread once the groups under way are committed. */
  close(): Promise<void>;
}

const ENDING = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * Starts the thread and resolves when it has the file open. `onFatal` is called once, when nobody can say any more what is
 * stored; every group then rejects.
 *
 * @throws StoreOpenError
 */
export async function startThread(setup: WriterSetup, onFatal: (error: Error) => void): Promise<Thread> {
  const worker = new Worker(new URL(`./writer-thread.${ENDING}`, import.meta.url), {
    workerData: setup,
    name: "afoot-sqlite",
  });
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const underWay: PromiseWithResolvers<readonly Answer[]>[] = [];
  let state: "opening" | "open" | "closing" | "broken" = "opening";
  let fault: Error | undefined;

  const breakDown = (text: string, cause?: unknown): void => {
    opened.reject(new StoreOpenError("store-open", `${setup.path} cannot be opened: ${text}`, { cause }));
    if (state === "broken") return;
    const wasOpen = state === "open";
    state = "broken";
    fault = new StoreUnavailableError(
      `The store can write no more, and whether its last writes are stored is unknown: ${text}`,
      { cause },
    );
    for (const group of underWay.splice(0)) group.reject(fault);
    if (wasOpen) onFatal(fault);
  };

  worker.on("message", (message: FromWriter) => {
    switch (message.message) {
      case "open":
        state = "open";
        opened.resolve();
        break;
      case "failed-to-open":
        opened.reject(new StoreOpenError(message.code, message.text));
        break;
      case "answers":
        underWay.shift()?.resolve(message.answers);
        break;
      case "fatal":
        breakDown(message.text);
        break;
    }
  });
  worker.once("error", (error) => {
    breakDown(error instanceof Error ? error.message : String(error), error);
  });
  worker.once("exit", (code) => {
    if (state !== "closing") breakDown(`its thread ended with code ${code}`);
    ended.resolve();
  });

  const send = (message: ToWriter): void => {
    worker.postMessage(message);
  };
  try {
    await opened.promise;
  } catch (error) {
    await ended.promise;
    throw error;
  }
  return {
    commit(calls) {
      if (fault !== undefined) return Promise.reject(fault);
      const group = Promise.withResolvers<readonly Answer[]>();
      underWay.push(group);
      send({ message: "calls", calls });
      return group.promise;
    },
    close() {
      if (state === "open") {
        state = "closing";
        send({ message: "close" });
      }
      return ended.promise;
    },
  };
}
