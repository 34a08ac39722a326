import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** A request that a receiver got. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly arrivedAt: number;
}

/** An HTTP server that keeps each request, and answers by its path. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Resolves once a request satisfies the condition, to the first such request. */
  readonly received: (isWanted: (request: ReceivedRequest) => boolean) => Promise<ReceivedRequest>;
}

export async function startReceiver(
  respond: (request: ReceivedRequest, response: ServerResponse) => void = (_, response) =>
    response.writeHead(204).end(),
  host = "127.0.0.1",
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    incoming.on("end", () => {
      const request = {
        path: incoming.url ?? "",
        headers: incoming.headers,
        text,
        arrivedAt: performance.timeOrigin + performance.now(),
      };
      requests.push(request);
      respond(request, response);
      for (const watch of watchers) watch();
    });
    response.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    requests,
    async received(isWanted) {
      const { promise, resolve } = Promise.withResolvers<ReceivedRequest>();
      const watch = (): void => {
        const found = requests.find(isWanted);
        if (found !== undefined) resolve(found);
      };
      watchers.add(watch);
      watch();
      return promise.finally(() => watchers.delete(watch));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await turn();
    },
  };
}
