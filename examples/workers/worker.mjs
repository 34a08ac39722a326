// @ts-nocheck A worker in plain JavaScript, by a NATS client alone: node worker.mjs nats://127.0.0.1:4222
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";

const [servers = "nats://127.0.0.1:4222"] = process.argv.slice(2);
const nats = await connect({ servers: servers.split(","), maxReconnectAttempts: -1, waitOnFirstConnect: true });
const worker = `javascript-${crypto.randomUUID()}`; // new at each start
const stopping = new AbortController();
const cancelled = new Set();
let [attempts, claimed, sequence] = [[], 0, 0];

/** Sends a request until it is answered. Servers ignore repeated requests. */
async function requestUntilAnswered(kind, message) {
  for (;;) {
    const pending = nats.request(`afoot.worker.${kind}`, JSON.stringify(message), { timeout: 5000 });
    const reply = await pending.catch(() => undefined);
    if (reply && !reply.headers?.has("Nats-Service-Error-Code")) return reply.json();
    await sleep(500); // no server, or no NATS, at the moment
  }
}

/** Sends a heartbeat with the attempts of this worker every few seconds. The reply lists attempts to stop. */
async function beat(number) {
  const { cancel, drop } = await requestUntilAnswered("beat", {
    worker,
    number,
    lastClaim: claimed,
    attempts,
    progress: [],
  });
  for (const { operation } of [...cancel, ...drop]) cancelled.add(operation);
  setTimeout(beat, 4000, number + 1).unref();
}

/** Counts words slowly. Returns the details. */
async function work(grant, report) {
  const words = JSON.parse(grant.configuration).text.split(" ");
  for (const index of words.keys()) await sleep(50).then(() => report((index + 1) / words.length));
  return { words: words.length };
}

async function run({ operation, attempt, ...grant }) {
  const stopOutcome = () => (stopping.signal.aborted ? "handed-back" : cancelled.has(operation) && "cancelled");
  const report = (progress) => {
    if (stopOutcome()) throw new Error("stopped");
    sequence += 1;
    nats.publish("afoot.worker.progress", JSON.stringify({ operation, attempt, sequence, progress }));
  };
  const error = { code: "failed", title: "Failed", detail: "Failed to count the words.", retryable: true };
  const end = await work(grant, report)
    .then((details) => ({ outcome: "succeeded", details: JSON.stringify(details) }))
    .catch(() => ({ outcome: stopOutcome() || "failed", error }));
  await requestUntilAnswered("end", { operation, attempt, ...end });
}

process.once("SIGTERM", () => stopping.abort());
await beat(1);
while (!stopping.signal.aborted) {
  const slots = [{ type: "word-count", kinds: ["create"], free: 1 }];
  const { grants } = await requestUntilAnswered("claim", { worker, claim: claimed + 1, slots });
  [attempts, claimed] = [grants.map(({ operation, attempt }) => ({ operation, attempt })), claimed + 1];
  for (const grant of grants) await run(grant);
  if (grants.length === 0) await sleep(500, undefined, stopping).catch(() => {});
}
await nats.close();
