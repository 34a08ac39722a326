import inspector from "node:inspector";
import { Worker } from "node:worker_threads";

/** How long the event loop may stand still before the process is ended. */
const LIMIT_MS = 30_000;
const TICK_MS = 1000;

/**
 * Ends the process when its event loop has stood still for half a minute: work that never gives the loop back would otherwise
 * hold every other resource with it for ever. After the restart that work runs in a process of its own. A debugger that holds
 * the process is no fault.
 */
export function startWatchdog(): () => Promise<void> {
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./watchdog-thread.${ending}`, import.meta.url), {
    workerData: { ticks, limitMs: LIMIT_MS },
  });
  thread.unref();
  const timer = setInterval(() => {
    // An attached debugger counts as ticking: the thread is told to look away.
    Atomics.store(ticks, 0, inspector.url() === undefined ? Atomics.load(ticks, 0) + 1 : -1);
  }, TICK_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}
