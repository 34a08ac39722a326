import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

// oxlint-disable-next-line typescript/no-unsafe-assignment -- watchdog.ts, which starts this thread, gives it so
const { ticks, limitMs }: { ticks: Int32Array; limitMs: number } = workerData;
/** Never woken: what passes here is time alone. */
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const waitMs = limitMs / 10;
let last = 0;
let stillMs = 0;

for (;;) {
  Atomics.wait(PAUSE, 0, 0, waitMs);
  const now = Atomics.load(ticks, 0);
  stillMs = now === last && now !== -1 ? stillMs + waitMs : 0;
  last = now;
  if (stillMs >= limitMs) {
    writeSync(
      2,
      `afoot: the event loop stood still for ${limitMs / 1000} s; ending, so that a restart can go on with the other resources\n`,
    );
    process.kill(process.pid, "SIGKILL");
  }
}
