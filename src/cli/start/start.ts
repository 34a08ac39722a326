import { once } from "node:events";
import type { Server } from "node:http";
import type { App } from "../../app/create-app.ts";
import { AfootError, DefinitionError } from "../../core/errors.ts";
import type { Authenticate } from "../../server/access/access.ts";
import { apiKeys } from "../../server/credentials/api-keys.ts";
import { attributeFault } from "../../worker/index.ts";
import { readKeyFile } from "../keys/change-key-file.ts";
import { type LoadedApp, loadApp } from "../load-app.ts";
import { type ProcessLog, createProcessLog } from "../log.ts";
import type { HostOptions } from "./host.ts";
import { checkExposure, startOptions, type StartOptions } from "./start-options.ts";
import { stopRequested } from "./stop-request.ts";
import { brokerOf, inletOf, storeOf, withoutPassword } from "./stores.ts";
import { startWatchdog } from "./watchdog.ts";

/** Maximum grace period after a fatal error, because the process is in an unknown state. */
const MAX_FATAL_GRACE_MS = 10_000;

/** Maximum length of the listen queue. A client beyond it retries its SYN only after a second or more. */
const MAX_PENDING_CONNECTIONS = 4096;

const KEEP_ALIVE_INTERVAL_MS = 60_000;

/** Minimum time that the process gets to end by itself once the app has stopped. */
const MIN_EXIT_MS = 500;

/** Serves an app and runs its work until SIGTERM or SIGINT. */
export async function start(argv: readonly string[]): Promise<number> {
  const options = startOptions(argv, process.env);
  const store = await storeOf(options.store, options.listenUrl);
  // A worker may run without a store.
  if (options.role !== "worker") store.prepare?.();
  const loaded = await loadApp(options.app);
  const { app, module } = loaded;
  const authenticate = options.keys === undefined ? undefined : await apiKeysFrom(options.keys);
  checkExposure(options, (authenticate ?? app.options.authenticate) !== undefined);
  const log = createProcessLog(process.env["AFOOT_LOG_LEVEL"] ?? "info");
  const fatalErrors = new AbortController();
  stopOnFatalError(log, fatalErrors);
  const isolation = { module, silentMs: options.stallMs, memoryMb: options.workMemoryMb };
  const broker = await brokerOf(options.broker);
  const { role, publicUrl, mcp } = options;
  const inlets = options.inlet === undefined || role === "worker" ? [] : [await inletOf(options.inlet)];
  await Promise.all([
    app.start({ store, broker, inlets, role, log, isolation, publicUrl, mcp, ...(authenticate && { authenticate }) }),
    // Loads concurrently with the opening of the store.
    options.role === "worker" ? undefined : import("./host.ts"),
  ]);
  // A worker that waits for work, or releases its operations, may have no other handle that keeps the process alive.
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_INTERVAL_MS);
  const stopWatchdog = startWatchdog(options.stallMs);
  try {
    return await serve(loaded, options, log, fatalErrors.signal);
  } finally {
    await stopWatchdog();
    clearInterval(keepAlive);
  }
}

/** Serves until a stop is requested, and resolves to the exit code once the app has stopped. */
async function serve(
  { app, started, pages }: LoadedApp,
  options: StartOptions,
  log: ProcessLog,
  fatalError: AbortSignal,
): Promise<number> {
  const stopping = new AbortController();
  // Listens before the start is announced, because a supervisor may send a signal right after.
  const exitCode = stopRequested(fatalError);
  let host: Server | undefined;
  try {
    if (options.role !== "worker") host = await listen(app, options, { log, pages });
    const url = host === undefined ? undefined : originOf(options.host, host) + app.options.basePath;
    await started?.({ url, role: options.role, broker: options.broker, signal: stopping.signal });
    printStarted(app, options, host);
    return await exitCode;
  } finally {
    stopping.abort();
    // Requests in flight are completed, new connections are refused, and waiting requests return the current state.
    host?.close();
    const graceMs = fatalError.aborted ? Math.min(options.graceMs, MAX_FATAL_GRACE_MS) : options.graceMs;
    const stoppedAt = performance.now();
    await app.close({ graceMs });
    host?.closeAllConnections();
    exitAfter(Math.max(MIN_EXIT_MS, graceMs - (performance.now() - stoppedAt)), log);
  }
}

/**
 * Ends the process if it does not end by itself: work that ignores its signal, or a start hook, may have left a timer or a socket. Such
 * work would otherwise go on beside the next attempt.
 */
function exitAfter(ms: number, log: ProcessLog): void {
  setTimeout(() => {
    log.warn({}, "the app has stopped, but work or a start hook still keeps the process alive; ending it");
    process.exit();
  }, ms).unref();
}

/** Creates the authentication by API keys. @throws DefinitionError if the file has no keys: it would reject every request */
async function apiKeysFrom(file: string): Promise<Authenticate> {
  if ((await readKeyFile(file)).length > 0) return apiKeys({ file });
  throw new DefinitionError(
    `--keys: ${file} has no keys yet; create the first: afoot keys add NAME --keys ${JSON.stringify(file)}`,
  );
}

async function listen(
  app: App,
  { port, host, open }: StartOptions,
  parts: Pick<HostOptions, "log" | "pages">,
): Promise<Server> {
  const { createHost } = await import("./host.ts");
  const server = await createHost(app, { open, ...parts });
  server.listen({ port, host, backlog: MAX_PENDING_CONNECTIONS });
  try {
    await once(server, "listening");
    return server;
  } catch (cause) {
    if (!isErrnoException(cause) || cause.code !== "EADDRINUSE") throw cause;
    const message = `--port ${port}: already in use on ${host}; stop the other process, or choose another port`;
    throw new AfootError("port-in-use", message, { cause });
  }
}

function isErrnoException(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function printStarted(app: App, { host, store, broker }: StartOptions, server: Server | undefined): void {
  const names = app.types.map(({ name }) => name).join(", ");
  const text =
    server === undefined
      ? `Afoot worker started for ${names} (${broker === "local:" ? `store ${withoutPassword(store)}` : `broker ${withoutPassword(broker)}`}).`
      : `Afoot serves\n${pathLines(app, originOf(host, server))}${publicLine(app)}Data: ${withoutPassword(store)}`;
  process.stdout.write(`${text}${server === undefined ? " " : "\n"}Press Ctrl-C to stop.\n`);
}

function pathLines(app: App, origin: string): string {
  const paths = app.types.map(({ path }) => `  ${origin}${app.options.basePath}/${path}\n`);
  const dashboard = app.options.dashboard ? `Dashboard: ${origin}/dashboard\n` : "";
  return `${paths.join("")}${dashboard}${app.options.mcp === false ? "" : `MCP: ${origin}/mcp\n`}`;
}

function publicLine({ options: { publicUrl } }: App): string {
  return publicUrl === undefined ? "" : `Public URL: ${publicUrl}\n`;
}

function originOf(host: string, server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Stops the process after an uncaught error. An error of work fails only its own attempt; any other leaves the process in an unknown
 * state.
 */
function stopOnFatalError(log: ProcessLog, fatalErrors: AbortController): void {
  const onError = (error: unknown, promise?: Promise<unknown>): void => {
    if (attributeFault(error, promise)) return;
    log.fatal({ error }, "unhandled error outside of work; stopping the process");
    fatalErrors.abort();
  };
  process.on("unhandledRejection", onError);
  process.on("uncaughtException", (error) => onError(error));
}
