import { once } from "node:events";
import type { Server } from "node:http";
import type { App } from "../../app/create-app.ts";
import { AfootError, DefinitionError } from "../../core/errors.ts";
import type { Authenticate } from "../../server/access/access.ts";
import { apiKeys } from "../../server/credentials/api-keys.ts";
import { attributeFault } from "../../worker/index.ts";
import { readKeyFile } from "../keys/change-key-file.ts";
import { type LoadedApp, loadApp } from "../load-app.ts";
import { type ProcessLog, processLog } from "../log.ts";
import type { HostOptions } from "./host.ts";
import { checkExposure, startOptions, type StartOptions } from "./start-options.ts";
import { brokerOf, storeOf, withoutPassword } from "./stores.ts";
import { startWatchdog } from "./watchdog.ts";

/** How long running work may take to finish once the process is asked to stop. */
const GRACE_MS = 10_000;

/** How many connections may wait to be accepted: what comes beyond waits a second and more before it tries again. */
const BACKLOG = 4096;

const STAY_MS = 60_000;

/** Serves an app and runs its work until SIGTERM or SIGINT. */
export async function start(argv: readonly string[]): Promise<number> {
  const options = startOptions(argv, process.env);
  const store = await storeOf(options.store);
  // A worker may need none.
  if (options.role !== "worker") store.prepare?.();
  const loaded = await loadApp(options.app);
  const { app, module } = loaded;
  const authenticate = options.keys === undefined ? undefined : await keysOf(options.keys);
  checkExposure(options, (authenticate ?? app.options.authenticate) !== undefined);
  const log = processLog(process.env["AFOOT_LOG_LEVEL"] ?? "info");
  const faults = new AbortController();
  handleFaults(log, faults);
  const isolation = { module, silentMs: options.stallMs, memoryMb: options.workMemoryMb };
  const broker = await brokerOf(options.broker);
  await Promise.all([
    app.start({ store, broker, role: options.role, log, isolation, ...(authenticate && { authenticate }) }),
    // Loaded while the store is opened.
    options.role === "worker" ? undefined : import("./host.ts"),
  ]);
  // A worker that waits, or hands back what it runs, may have nothing else that keeps the process.
  const stay = setInterval(() => {}, STAY_MS);
  const stopWatchdog = startWatchdog(options.stallMs);
  try {
    return await serve(loaded, options, log, faults.signal);
  } finally {
    await stopWatchdog();
    clearInterval(stay);
  }
}

/** Resolves to the exit code once the running app was asked to stop, and has. */
async function serve(
  { app, started, pages }: LoadedApp,
  options: StartOptions,
  log: ProcessLog,
  faults: AbortSignal,
): Promise<number> {
  const stopping = new AbortController();
  // Heard from now on: whoever reads that it serves may ask it to stop at once.
  const asked = stopAsked(faults);
  let host: Server | undefined;
  try {
    if (options.role !== "worker") host = await listen(app, options, { log, pages });
    const url = host === undefined ? undefined : originOf(options.host, host) + app.options.basePath;
    await started?.({ url, role: options.role, broker: options.broker, signal: stopping.signal });
    announce(app, options, host);
    return await asked;
  } finally {
    stopping.abort();
    // What is under way is answered, new connections are refused, and held requests end with what is known.
    host?.close();
    await app.close({ graceMs: GRACE_MS });
    host?.closeAllConnections();
  }
}

/** @throws DefinitionError where the file holds no key: nobody could ask anything */
async function keysOf(file: string): Promise<Authenticate> {
  if ((await readKeyFile(file)).length > 0) return apiKeys({ file });
  throw new DefinitionError(
    `--keys: ${file} holds no key yet; make the first: afoot keys add NAME --keys ${JSON.stringify(file)}`,
  );
}

async function listen(
  app: App,
  { port, host, open }: StartOptions,
  parts: Pick<HostOptions, "log" | "pages">,
): Promise<Server> {
  const { createHost } = await import("./host.ts");
  const server = await createHost(app, { open, ...parts });
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, "listening");
    return server;
  } catch (cause) {
    if (!isErrnoException(cause) || cause.code !== "EADDRINUSE") throw cause;
    const message = `--port ${port}: another process listens there on ${host}; stop it, or choose another port`;
    throw new AfootError("port-in-use", message, { cause });
  }
}

function isErrnoException(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function announce(app: App, { host, store, broker }: StartOptions, server: Server | undefined): void {
  const names = app.types.map(({ name }) => name).join(", ");
  const text =
    server === undefined
      ? `Afoot works on ${names}, by ${withoutPassword(broker === "local:" ? store : broker)}.`
      : `Afoot serves\n${pathsOf(app, originOf(host, server))}and keeps all in ${withoutPassword(store)}.`;
  process.stdout.write(`${text} Ctrl-C stops it.\n`);
}

function pathsOf(app: App, origin: string): string {
  const paths = app.types.map(({ path }) => `  ${origin}${app.options.basePath}/${path}\n`);
  return `${paths.join("")}${app.options.dashboard ? `and the dashboard ${origin}/dashboard\n` : ""}`;
}

function originOf(host: string, server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Resolves to the exit code once a signal asks for the end. */
async function stopAsked(faults: AbortSignal): Promise<number> {
  const asked = Promise.withResolvers<number>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => asked.resolve(0));
  faults.addEventListener("abort", () => asked.resolve(1));
  return asked.promise;
}

/** A fault of work costs its own attempt alone. Any other leaves the process in an unknown state: it ends, and a restart goes on. */
function handleFaults(log: ProcessLog, ending: AbortController): void {
  const onFault = (error: unknown): void => {
    if (attributeFault(error)) return;
    log.fatal({ error }, "a fault that belongs to no work; stopping");
    ending.abort();
  };
  process.on("unhandledRejection", onFault);
  process.on("uncaughtException", onFault);
}
