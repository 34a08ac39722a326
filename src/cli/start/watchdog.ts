import inspector from "node:inspector";
import { Worker } from "node:worker_threads";

/** How often the loop ticks within the limit. */
const TICKS = 15;

/**
 * Ends the process when its event loop has stood still for `limitMs`: work that never gives the loop back would otherwise
 * hold every other resource with it for ever. After the restart that work runs in a process of its own. A debugger that holds
 * the process is no fault.
 */
export function startWatchdog(limitMs: number): () => Promise<void> {
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./watchdog-thread.${ending}`, import.meta.url), {
    workerData: { ticks, limitMs },
  });
  thread.unref();
  const timer = setInterval(() => {
    // An attached debugger counts as ticking: the thread is told to look away.
    Atomics.store(ticks, 0, inspector.url() === undefined ? Atomics.load(ticks, 0) + 1 : -1);
  }, limitMs / TICKS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}
