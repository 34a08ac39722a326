import { once } from "node:events";
import type { Server } from "node:http";
import { pino } from "pino";
import type { App } from "../app/create-app.ts";
import { DefinitionError } from "../core/errors.ts";
import type { Authenticate } from "../server/access.ts";
import { apiKeys } from "../server/credentials/api-keys.ts";
import { attributeFault } from "../worker/index.ts";
import { createHost } from "./host.ts";
import { readKeyFile } from "./keys/change-key-file.ts";
import { loadApp } from "./load-app.ts";
import { checkExposure, startOptions, type StartOptions } from "./start-options.ts";
import { brokerOf, storeOf, withoutPassword } from "./stores.ts";
import { startWatchdog } from "./watchdog.ts";

/** How long running work may take to finish once the process is asked to stop. */
const GRACE_MS = 10_000;

const STAY_MS = 60_000;

/** Serves an app and runs its work until SIGTERM or SIGINT. */
export async function start(argv: readonly string[]): Promise<number> {
  const options = startOptions(argv, process.env);
  const { app, module } = await loadApp(options.app);
  const authenticate = options.keys === undefined ? undefined : await keysOf(options.keys);
  checkExposure(options, (authenticate ?? app.options.authenticate) !== undefined);
  const log = pino(
    { level: process.env["AFOOT_LOG_LEVEL"] ?? "info", serializers: { error: pino.stdSerializers.err } },
    pino.destination(2),
  );
  const faults = new AbortController();
  handleFaults(log, faults);
  const isolation = { module, silentMs: options.stallMs, memoryMb: options.workMemoryMb };
  await app.start({
    store: await storeOf(options.store),
    broker: await brokerOf(options.broker),
    role: options.role,
    log,
    isolation,
    ...(authenticate === undefined ? {} : { authenticate }),
  });
  // A worker that waits, or hands back what it runs, may have nothing else that keeps the process.
  const stay = setInterval(() => {}, STAY_MS);
  const stopWatchdog = startWatchdog(options.stallMs);
  const host = options.role === "worker" ? undefined : await listen(app, options, log);
  announce(app, options, host);
  const code = await stopAsked(faults.signal);
  // What is under way is answered, new connections are refused, and held requests end with what is known.
  host?.close();
  await app.close({ graceMs: GRACE_MS });
  host?.closeAllConnections();
  await stopWatchdog();
  clearInterval(stay);
  return code;
}

/** @throws DefinitionError where the file holds no key: nobody could ask anything */
async function keysOf(file: string): Promise<Authenticate> {
  if ((await readKeyFile(file)).length > 0) return apiKeys({ file });
  throw new DefinitionError(
    `--keys: ${file} holds no key yet; make the first: afoot keys add NAME --keys ${JSON.stringify(file)}`,
  );
}

async function listen(app: App, { port, host, open }: StartOptions, log: pino.Logger): Promise<Server> {
  const server = await createHost(app, { log, open });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    await app.close({ graceMs: 0 });
    throw error;
  }
  return server;
}

function announce(app: App, { host, store, broker }: StartOptions, server: Server | undefined): void {
  const names = app.types.map(({ name }) => name).join(", ");
  const text =
    server === undefined
      ? `Afoot works on ${names}, by ${withoutPassword(broker === "local:" ? store : broker)}.`
      : `Afoot serves\n${pathsOf(app, host, server)}and keeps them in ${withoutPassword(store)}.`;
  process.stdout.write(`${text} Ctrl-C stops it.\n`);
}

function pathsOf(app: App, host: string, server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return app.types.map(({ path }) => `  ${origin}${app.options.basePath}/${path}\n`).join("");
}

/** Resolves to the exit code once a signal asks for the end. */
async function stopAsked(faults: AbortSignal): Promise<number> {
  const asked = Promise.withResolvers<number>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => asked.resolve(0));
  faults.addEventListener("abort", () => asked.resolve(1));
  return asked.promise;
}

/** A fault of work costs its own attempt alone. Any other leaves the process in an unknown state: it ends, and a restart goes on. */
function handleFaults(log: pino.Logger, ending: AbortController): void {
  const onFault = (error: unknown): void => {
    if (attributeFault(error)) return;
    log.fatal({ error }, "a fault that belongs to no work; stopping");
    ending.abort();
  };
  process.on("unhandledRejection", onFault);
  process.on("uncaughtException", onFault);
}
