import { setTimeout as sleep } from "node:timers/promises";
import { type AfootProcess, startAfoot } from "../../test/support/afoot-process.ts";
import { type NatsServer, startNats } from "../../test/support/nats.ts";
import type { SoakStore } from "./stores.ts";

/** A server and a worker that run throughout, a worker and a NATS server that are subject to faults. */
export interface Fleet {
  readonly server: AfootProcess;
  readonly worker: AfootProcess;
  readonly store: SoakStore;
  /** Injects a fault, and returns its description. */
  readonly injectFault: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const APP = new URL("app.ts", import.meta.url).pathname;
/** A small heap: caches reach their bounds, which depend on it, within the first third of a run. */
const ENVIRONMENT = { AFOOT_LOG_LEVEL: "error", NODE_ENV: "production", NODE_OPTIONS: "--max-old-space-size=512" };
const MAX_OUTAGE_MS = 3000;

export async function startFleet(store: SoakStore): Promise<Fleet> {
  const nats = await startNats();
  const start = (role: "server" | "worker"): Promise<AfootProcess> =>
    startAfoot({
      app: APP,
      flags: ["--role", role, "--broker", nats.url, ...(role === "server" ? ["--store", store.url] : [])],
      environment: ENVIRONMENT,
    });
  const server = await start("server");
  const worker = await start("worker");
  let disposableWorker = await start("worker");
  const faults: readonly (() => Promise<string>)[] = [
    async () => {
      await disposableWorker.kill();
      await sleep(Math.random() * MAX_OUTAGE_MS);
      disposableWorker = await start("worker");
      return "a worker was killed";
    },
    async () => {
      await disposableWorker.stop();
      disposableWorker = await start("worker");
      return "a worker was restarted";
    },
    async () => {
      disposableWorker.signal("SIGSTOP");
      await sleep(Math.random() * MAX_OUTAGE_MS);
      disposableWorker.signal("SIGCONT");
      return "a worker was suspended";
    },
    () => killNats(nats),
  ];
  let injectedFaults = 0;
  return {
    server,
    worker,
    store,
    injectFault: () => (faults[injectedFaults++ % faults.length] ?? (() => killNats(nats)))(),
    async stop() {
      await Promise.all([worker.stop(), disposableWorker.stop()]);
      await server.stop();
      await nats[Symbol.asyncDispose]();
      await store.stop();
    },
  };
}

async function killNats(nats: NatsServer): Promise<string> {
  await nats.kill();
  await sleep(Math.random() * MAX_OUTAGE_MS);
  await nats.start();
  return "NATS was killed";
}
