import { silentLog } from "../../src/core/ports/log.ts";
import type { Grant } from "../../src/core/ports/messages.ts";
// A worker whose isolated work is in an endless loop. Sends the id of that process to its parent, and waits to be killed.
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { createIsolation } from "../../src/worker/isolation/isolation.ts";
import { detailsOf, sealed } from "./isolated-app.ts";

const options = { module: new URL("./isolated-app.ts", import.meta.url).href };
const isolation = createIsolation({ clock: systemClock, log: silentLog, options });

const grant = (operation: string, does: string): Grant => ({
  operation,
  root: operation,
  type: "sealed",
  id: operation,
  kind: "create",
  attempt: 1,
  failures: 0,
  configuration: JSON.stringify({ does }),
  previousConfiguration: null,
  details: "{}",
  input: null,
  progress: null,
  status: "Working",
  records: [],
  received: [],
  mode: "forward",
  isolated: true,
  timeoutMs: 60_000,
  deadlineAt: 600_000,
  traceparent: null,
  at: 0,
});

const run = (operation: string, does: string, onRecord: () => void): ReturnType<typeof isolation.run> =>
  isolation.run({
    grant: grant(operation, does),
    type: sealed,
    link: {
      progress: () => {},
      record: async () => {
        onRecord();
        return { result: "ok" };
      },
    },
    clock: systemClock,
    log: silentLog,
    sinceGrantMs: 0,
  });

const end = await run("first", "nothing", () => {}).ended;
if (end?.outcome !== "succeeded") throw new Error(`the first attempt ended as ${end?.outcome}`);
const { pid } = detailsOf(end);
run("second", "loop", () => {});
// The same process runs this attempt, so its id is known before the loop begins and before this process is killed.
setTimeout(() => process.send?.(pid), 300);
setInterval(() => {}, 1000);
