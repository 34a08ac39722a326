import { createServer } from "node:http";
import { freePort } from "../support/free-port.ts";

/** A background process with a status of its own, on a port of its own. */
export interface BackgroundProcess extends AsyncDisposable {
  readonly url: string;
  /** What it was asked, in order: `PUT` to begin, `GET` for the status, each with the id. */
  readonly asked: readonly string[];
  /** What it says from now on. */
  say: (status: object) => void;
  /** Cuts every connection and takes none; `start` takes them again. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function backgroundProcess(): Promise<BackgroundProcess> {
  const port = await freePort();
  const asked: string[] = [];
  let status: object = {};
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.slice(1)}`);
    request.resume();
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(status));
  });
  const start = (): Promise<void> => new Promise((resolve) => void server.listen(port, "127.0.0.1", resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    say: (said) => (status = said),
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
