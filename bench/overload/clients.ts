// Sends requests to a server at a fixed rate: node clients.ts PORT SECONDS RATE CONNECTIONS. With rate 0, each connection sends the next
// request after each response. Prints the result of each second as one line of JSON.
import { Caller } from "./caller.ts";
import type { Second } from "./second.ts";

const [port = 0, seconds = 0, rate = 0, connections = 0] = process.argv.slice(2).map(Number);
const body = JSON.stringify({ configuration: { size: "large" } });
const request = Buffer.from(
  `POST /api/widgets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
let counts = { attempted: 0, unsent: 0, shed: 0, other: 0, lost: 0 };
let served: number[] = [];
const idle: Caller[] = [];
const all: Caller[] = [];
let isStopped = false;

const onResponse = (status: number, ms: number): void => {
  if (status === 202) served.push(ms);
  else if (status === 503) counts.shed++;
  else if (status === 0) counts.lost++;
  else counts.other++;
};
const onFree = (caller: Caller): void => {
  if (isStopped) return;
  if (rate === 0) caller.call();
  else idle.push(caller);
};
const addCaller = (): Caller => {
  const caller = new Caller(port, request, { answer: onResponse, free: onFree });
  all.push(caller);
  return caller;
};

/** Sends one request on an idle connection. Counts it as unsent if all connections are waiting for a response. */
const sendOne = (): void => {
  counts.attempted++;
  const caller = idle.pop() ?? (all.length < connections ? addCaller() : undefined);
  if (caller === undefined) counts.unsent++;
  else caller.call();
};

const startedAt = performance.now();
let sentRequests = 0;
if (rate === 0) for (let index = 0; index < connections; index++) addCaller().call();
const sender = setInterval(() => {
  const now = performance.now();
  const due = Math.floor(((now - startedAt) * rate) / 1000);
  for (; sentRequests < due; sentRequests++) sendOne();
}, 1);

let reportedSeconds = 0;
const reporter = setInterval(() => {
  const sorted = served.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  const second: Second = {
    ...counts,
    served: served.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
  process.stdout.write(`${JSON.stringify(second)}\n`);
  counts = { attempted: 0, unsent: 0, shed: 0, other: 0, lost: 0 };
  served = [];
  reportedSeconds++;
  if (reportedSeconds < seconds) return;
  isStopped = true;
  clearInterval(sender);
  clearInterval(reporter);
  for (const caller of all) caller.close();
}, 1000);
