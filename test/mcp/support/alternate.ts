import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy that sends consecutive requests to different servers. */
export interface Alternating extends AsyncDisposable {
  readonly origin: string;
  /** Number of requests that each server got. */
  readonly counts: readonly number[];
}

export async function alternate(origins: readonly string[]): Promise<Alternating> {
  const counts = origins.map(() => 0);
  let next = 0;
  const server = createServer((incoming, response) => {
    const index = next++ % origins.length;
    counts[index] = (counts[index] ?? 0) + 1;
    const { method, url = "/", headers } = incoming;
    const outgoing = request(new URL(url, origins[index]), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    counts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
