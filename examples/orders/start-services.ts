import { fork } from "node:child_process";
import type { StartedProcess } from "afoot";
import { trades } from "./services/trades.ts";

const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 30_000];

/** Starts the three services beside a process that serves the app, and resolves once they listen. */
export async function startServices({ url, broker, signal }: StartedProcess): Promise<void> {
  if (url === undefined) return;
  const to = broker === "local:" ? url : broker;
  await Promise.all(Object.keys(trades).map((name) => keepRunning(name, to, signal)));
}

/** Starts a service again whenever it ends. It ends with this process: it hears when the channel between them is gone. */
function keepRunning(name: string, to: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let pauseMs = FIRST_PAUSE_MS;
  const run = (): void => {
    const service = fork(new URL("services/main.ts", import.meta.url), [name, to], { execArgv: [] });
    service.once("message", () => {
      pauseMs = FIRST_PAUSE_MS;
      resolve();
    });
    service.once("exit", (code, killedBy) => {
      resolve();
      if (signal.aborted) return;
      process.stderr.write(`orders: the ${name} service ended (${killedBy ?? code}); it is started again\n`);
      setTimeout(run, pauseMs).unref();
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    });
    service.unref();
    service.channel?.unref();
  };
  run();
  return promise;
}
