import { setTimeout as passes } from "node:timers/promises";
import { type AfootProcess, startAfoot } from "../../test/support/afoot-process.ts";
import { type NatsServer, startNats } from "../../test/support/nats.ts";

/** A server and a worker that live through everything, a worker that does not, and NATS between them. */
export interface Fleet {
  readonly server: AfootProcess;
  readonly worker: AfootProcess;
  /** Harms somebody, and says whom. */
  readonly harm: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const APP = new URL("app.ts", import.meta.url).pathname;
const ENVIRONMENT = { AFOOT_LOG_LEVEL: "error", NODE_ENV: "production" };
const MOST_AWAY_MS = 3000;

export async function startFleet(folder: string): Promise<Fleet> {
  const nats = await startNats();
  const start = (role: "server" | "worker"): Promise<AfootProcess> =>
    startAfoot({
      app: APP,
      ...(role === "server" ? { folder } : {}),
      flags: ["--role", role, "--broker", nats.url],
      environment: ENVIRONMENT,
    });
  const server = await start("server");
  const worker = await start("worker");
  let mortal = await start("worker");
  const ways: readonly (() => Promise<string>)[] = [
    async () => {
      await mortal.kill();
      await passes(Math.random() * MOST_AWAY_MS);
      mortal = await start("worker");
      return "a worker was killed";
    },
    async () => {
      await mortal.stop();
      mortal = await start("worker");
      return "a worker was restarted";
    },
    async () => {
      mortal.signal("SIGSTOP");
      await passes(Math.random() * MOST_AWAY_MS);
      mortal.signal("SIGCONT");
      return "a worker stood still";
    },
    () => natsAway(nats),
  ];
  let harmed = 0;
  return {
    server,
    worker,
    harm: () => (ways[harmed++ % ways.length] ?? (() => natsAway(nats)))(),
    async stop() {
      await Promise.all([worker.stop(), mortal.stop()]);
      await server.stop();
      await nats[Symbol.asyncDispose]();
    },
  };
}

async function natsAway(nats: NatsServer): Promise<string> {
  await nats.kill();
  await passes(Math.random() * MOST_AWAY_MS);
  await nats.start();
  return "NATS was killed";
}
