import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { nodeListener, serverLimits } from "../../../src/server/http/node-listener.ts";
import type { ServerFixture } from "./fixture.ts";
import { listen } from "./mounts.ts";

/** A connection on which a test writes raw bytes. */
export class RawClient {
  readonly #socket: Socket;
  #received = "";

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#socket.on("data", (bytes) => (this.#received += bytes.toString("latin1")));
    this.#socket.on("error", () => {});
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Resolves to all received text once a part of it matches. */
  async received(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) await once(this.#socket, "data");
    return this.#received;
  }

  /** Resolves to all received text once the other side has closed. */
  async ended(): Promise<string> {
    if (!this.#socket.readableEnded && !this.#socket.destroyed) {
      // A socket that is cut off while it writes emits an error before it closes.
      await Promise.race([once(this.#socket, "end"), once(this.#socket, "close")]).catch(() => {});
    }
    this.#socket.destroy();
    return this.#received;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

export interface RawServer extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
}

/** Serves a fixture as `afoot start` does, on plain `node:http`. */
export async function serveRaw({ handler, clock }: ServerFixture, limits: ServerOptions = {}): Promise<RawServer> {
  const listener = nodeListener(handler, { clock });
  const server = createServer({ ...serverLimits, ...limits }, listener);
  server.on("checkContinue", listener);
  return {
    port: await listen(server),
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
