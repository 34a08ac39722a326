// Creates resources and follows them: node clients.ts TASK. Prints the result as JSON.
import { BODY } from "../sides/widget.ts";
import { RawConnection } from "./connection.ts";
import { Poller } from "./poller.ts";
import { TASK, type TaskResult } from "./task.ts";

const { ports, mode, connections, seconds, rate } = TASK.parse(JSON.parse(process.argv[2] ?? ""));
const POST = `POST /api/widgets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const MIN_LIFECYCLES = 20;
const MAX_EXTENSIONS = 3;
const EXTENDED_BEFORE_MS = 50;

const acceptMs: number[] = [];
const lifecycleMs: number[] = [];
const startedAt = performance.now();
let endsAt = startedAt + seconds * 1000;

const end = (): number => endsAt;
const portOf = (index: number): number => ports[index % ports.length] ?? 0;
const pollers = ports.map((port) => new Poller(port));

async function post(connection: RawConnection): Promise<string> {
  const { status, location } = await connection.send(POST);
  if (status !== 202 || location === undefined) throw new Error(`POST returned ${status}`);
  return location;
}

async function runClient(index: number): Promise<void> {
  const connection = new RawConnection(portOf(index));
  const poller = pollers[index % ports.length];
  while (performance.now() < endsAt) {
    const sentAt = performance.now();
    const location = await post(connection);
    const acceptedAt = performance.now();
    if (acceptedAt < endsAt) acceptMs.push(acceptedAt - sentAt);
    if (mode !== "lifecycles") continue;
    await poller?.untilSettled(location, end);
    const now = performance.now();
    if (now < endsAt) lifecycleMs.push(now - sentAt);
  }
  connection.close();
}

/** Sends at a fixed rate, on as many connections as needed up to the maximum. A late request counts from its due time. */
async function runAtRate(): Promise<void> {
  const idle: RawConnection[] = [];
  const running = new Set<Promise<void>>();
  let opened = 0;
  const one = async (dueAt: number): Promise<void> => {
    const connection = idle.pop() ?? new RawConnection(portOf(opened++));
    await post(connection);
    acceptMs.push(performance.now() - dueAt);
    idle.push(connection);
  };
  for (let sent = 0; performance.now() < endsAt;) {
    const due = Math.floor(((performance.now() - startedAt) * rate) / 1000);
    while (sent < due && running.size < connections) {
      const call = one(startedAt + (++sent * 1000) / rate);
      running.add(call);
      void call.finally(() => running.delete(call));
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  await Promise.all(running);
  for (const connection of idle) connection.close();
}

/** A side whose lifecycles take seconds is measured for longer. */
function extend(times: number): void {
  setTimeout(
    () => {
      if (lifecycleMs.length >= MIN_LIFECYCLES || times === 0) return;
      endsAt += seconds * 1000;
      extend(times - 1);
    },
    endsAt - performance.now() - EXTENDED_BEFORE_MS,
  ).unref();
}

if (mode === "lifecycles") extend(MAX_EXTENSIONS);
if (mode === "rate") await runAtRate();
else await Promise.all(Array.from({ length: connections }, async (_, index) => runClient(index)));
for (const poller of pollers) poller.close();

function share(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

const result: TaskResult = {
  accepted: acceptMs.length,
  settled: lifecycleMs.length,
  seconds: (Math.min(performance.now(), endsAt) - startedAt) / 1000,
  acceptP50Ms: share(acceptMs, 0.5),
  acceptP99Ms: share(acceptMs, 0.99),
  lifecycleP50Ms: share(lifecycleMs, 0.5),
};
process.stdout.write(JSON.stringify(result));
process.exit(0);
