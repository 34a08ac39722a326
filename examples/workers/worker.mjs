// @ts-nocheck A worker in plain JavaScript, by a NATS client alone: node worker.mjs nats://127.0.0.1:4222
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";

const [servers = "nats://127.0.0.1:4222"] = process.argv.slice(2);
const nats = await connect({ servers: servers.split(","), maxReconnectAttempts: -1, waitOnFirstConnect: true });
const worker = `javascript-${crypto.randomUUID()}`; // new at each start
const stopping = new AbortController();
const over = new Set();
let [held, claimed, sequence] = [[], 0, 0];

/** Asks until it is answered: a request that comes twice counts once. */
async function ask(kind, message) {
  for (;;) {
    const asked = nats.request(`afoot.worker.${kind}`, JSON.stringify(message), { timeout: 5000 });
    const reply = await asked.catch(() => undefined);
    if (reply && !reply.headers?.has("Nats-Service-Error-Code")) return reply.json();
    await sleep(500); // no server, or no NATS, at the moment
  }
}

/** Says every few seconds that this worker lives and what it holds, and hears what it shall let go. */
async function beat(number) {
  const { cancel, drop } = await ask("beat", { worker, number, lastClaim: claimed, attempts: held, progress: [] });
  for (const { operation } of [...cancel, ...drop]) over.add(operation);
  setTimeout(beat, 4000, number + 1).unref();
}

/** Counts words, slowly. Gives the details. */
async function work(grant, report) {
  const words = JSON.parse(grant.configuration).text.split(" ");
  for (const index of words.keys()) await sleep(50).then(() => report((index + 1) / words.length));
  return { words: words.length };
}

async function run({ operation, attempt, ...grant }) {
  const outcome = () => (stopping.signal.aborted ? "handed-back" : over.has(operation) && "cancelled");
  const report = (progress) => {
    if (outcome()) throw new Error("over");
    sequence += 1;
    nats.publish("afoot.worker.progress", JSON.stringify({ operation, attempt, sequence, progress }));
  };
  const error = { code: "failed", title: "Failed", detail: "The words could not be counted.", retryable: true };
  const end = await work(grant, report)
    .then((details) => ({ outcome: "succeeded", details: JSON.stringify(details) }))
    .catch(() => ({ outcome: outcome() || "failed", error }));
  await ask("end", { operation, attempt, ...end });
}

process.once("SIGTERM", () => stopping.abort());
await beat(1);
while (!stopping.signal.aborted) {
  const slots = [{ type: "word-count", kinds: ["create"], free: 1 }];
  const { grants } = await ask("claim", { worker, claim: claimed + 1, slots });
  [held, claimed] = [grants.map(({ operation, attempt }) => ({ operation, attempt })), claimed + 1];
  for (const grant of grants) await run(grant);
  if (grants.length === 0) await sleep(500, undefined, stopping).catch(() => {});
}
await nats.close();
