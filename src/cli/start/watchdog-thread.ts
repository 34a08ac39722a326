import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

// oxlint-disable-next-line typescript/no-unsafe-assignment -- watchdog.ts starts this thread with these fields
const { ticks, limitMs }: { ticks: Int32Array; limitMs: number } = workerData;
/** Never notified, so `Atomics.wait` on it is a sleep. */
const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));
const intervalMs = limitMs / 10;
let lastTick = 0;
let stalledMs = 0;

for (;;) {
  Atomics.wait(NEVER_NOTIFIED, 0, 0, intervalMs);
  const now = Atomics.load(ticks, 0);
  stalledMs = now === lastTick && now !== -1 ? stalledMs + intervalMs : 0;
  lastTick = now;
  if (stalledMs >= limitMs) {
    writeSync(
      2,
      `afoot: the event loop was blocked for ${limitMs / 1000} s; killing the process, so that a restart can resume the other resources\n`,
    );
    process.kill(process.pid, "SIGKILL");
  }
}
