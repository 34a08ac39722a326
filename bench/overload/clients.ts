// Asks a server again and again, as often as is said and whatever it answers: node clients.ts PORT SECONDS RATE CONNECTIONS. A rate
// of 0 asks again as soon as there is an answer. Prints what came of each second, one JSON text a line.
import { Caller } from "./caller.ts";
import type { Second } from "./second.ts";

const [port = 0, seconds = 0, rate = 0, connections = 0] = process.argv.slice(2).map(Number);
const body = JSON.stringify({ configuration: { size: "large" } });
const request = Buffer.from(
  `POST /api/widgets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
let counts = { asked: 0, unsent: 0, shed: 0, other: 0, lost: 0 };
let served: number[] = [];
const idle: Caller[] = [];
const all: Caller[] = [];
let isOver = false;

const onAnswer = (status: number, ms: number): void => {
  if (status === 202) served.push(ms);
  else if (status === 503) counts.shed++;
  else if (status === 0) counts.lost++;
  else counts.other++;
};
const onFree = (caller: Caller): void => {
  if (isOver) return;
  if (rate === 0) caller.call();
  else idle.push(caller);
};
const added = (): Caller => {
  const caller = new Caller(port, request, { answer: onAnswer, free: onFree });
  all.push(caller);
  return caller;
};

/** Every client has a connection of its own; when all of them wait for an answer, there is nobody who could ask. */
const ask = (): void => {
  counts.asked++;
  const caller = idle.pop() ?? (all.length < connections ? added() : undefined);
  if (caller === undefined) counts.unsent++;
  else caller.call();
};

const began = performance.now();
let asked = 0;
if (rate === 0) for (let index = 0; index < connections; index++) added().call();
const ticking = setInterval(() => {
  const now = performance.now();
  const due = Math.floor(((now - began) * rate) / 1000);
  for (; asked < due; asked++) ask();
}, 1);

let told = 0;
const telling = setInterval(() => {
  const sorted = served.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  const second: Second = {
    ...counts,
    served: served.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
  process.stdout.write(`${JSON.stringify(second)}\n`);
  counts = { asked: 0, unsent: 0, shed: 0, other: 0, lost: 0 };
  served = [];
  told++;
  if (told < seconds) return;
  isOver = true;
  clearInterval(ticking);
  clearInterval(telling);
  for (const caller of all) caller.close();
}, 1000);
