import { fork } from "node:child_process";
import type { StartedProcess } from "afoot";
import { trades } from "./services/trades.ts";

const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [250, 30_000];

/** Starts the three services beside the process that serves the app, and resolves once they listen. */
export async function startServices({ url, broker, signal }: StartedProcess): Promise<void> {
  if (url === undefined) return;
  const to = broker === "local:" ? url : broker;
  await Promise.all(Object.keys(trades).map((name) => keepRunning(name, to, signal)));
}

/** Restarts a service whenever it ends. The service ends with this process, because it detects the closed channel. */
function keepRunning(name: string, to: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let pauseMs = MIN_PAUSE_MS;
  const run = (): void => {
    const service = fork(new URL("services/main.ts", import.meta.url), [name, to], { execArgv: [] });
    service.once("message", () => {
      pauseMs = MIN_PAUSE_MS;
      resolve();
    });
    service.once("exit", (code, killedBy) => {
      resolve();
      if (signal.aborted) return;
      process.stderr.write(`orders: the ${name} service ended (${killedBy ?? code}); restarting it\n`);
      setTimeout(run, pauseMs).unref();
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    });
    service.unref();
    service.channel?.unref();
  };
  run();
  return promise;
}
