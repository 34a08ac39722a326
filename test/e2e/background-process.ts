import { createServer } from "node:http";
import { freePort } from "../support/free-port.ts";

/** A background process with its own status, on its own port. */
export interface BackgroundProcess extends AsyncDisposable {
  readonly url: string;
  /** Its requests in order: `PUT` to begin, `GET` for the status, each with the id. */
  readonly requests: readonly string[];
  /** Sets the status that it returns. */
  setStatus: (status: object) => void;
  /** Closes all connections and refuses new ones until `start`. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function backgroundProcess(): Promise<BackgroundProcess> {
  const port = await freePort();
  const requests: string[] = [];
  let status: object = {};
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.slice(1)}`);
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
    requests,
    setStatus: (next) => (status = next),
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
