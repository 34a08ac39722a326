import type { Server } from "node:http";
import type { AppParts } from "../app/create-app.ts";
import type { CloseOptions } from "../app/lifecycle.ts";

/** Options of {@link closeWith}. */
export interface CloseWithOptions extends CloseOptions {
  /** Signals that stop the server. @default SIGTERM and SIGINT */
  readonly signals?: readonly NodeJS.Signals[];
}

/**
 * Closes apps together with the server that mounts them, and both upon a signal. The server accepts no new connections
 * then, waiting requests are answered, running work finishes or is handed back, and the process ends by itself. A second
 * Ctrl-C ends it at once.
 *
 * @returns a function that stops the server as a signal does
 */
export function closeWith(
  server: Server,
  apps: Pick<AppParts, "close"> | readonly Pick<AppParts, "close">[],
  { signals = ["SIGTERM", "SIGINT"], ...options }: CloseWithOptions = {},
): () => Promise<void> {
  const closed = [apps].flat();
  const closeApps = async (): Promise<void> => {
    await Promise.all(closed.map(async (app) => app.close(options)));
  };
  const stop = async (): Promise<void> => {
    for (const signal of signals) process.off(signal, onSignal);
    // Connections that are idle now are closed at once, the others after their response.
    server.keepAliveTimeout = 1;
    server.close();
    await closeApps();
    server.closeIdleConnections();
  };
  const onSignal = (): void => void stop();
  for (const signal of signals) process.on(signal, onSignal);
  server.once("close", () => {
    for (const signal of signals) process.off(signal, onSignal);
    void closeApps();
  });
  return stop;
}
