import inspector from "node:inspector";
import { Worker } from "node:worker_threads";

/** Number of ticks of the event loop within the limit. */
const TICKS_PER_LIMIT = 15;

/**
 * Kills the process if its event loop is blocked for `limitMs`. Otherwise work that never yields would block every other resource
 * forever. After the restart that work runs in a process of its own. A process paused by a debugger is not killed.
 */
export function startWatchdog(limitMs: number): () => Promise<void> {
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./watchdog-thread.${extension}`, import.meta.url), {
    workerData: { ticks, limitMs },
  });
  thread.unref();
  const timer = setInterval(() => {
    // -1 disables the check while a debugger is attached.
    Atomics.store(ticks, 0, inspector.url() === undefined ? Atomics.load(ticks, 0) + 1 : -1);
  }, limitMs / TICKS_PER_LIMIT);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}
