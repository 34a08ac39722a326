import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A proxy between a client and a server that simulates the faults of networks. */
export interface TcpProxy {
  readonly port: number;
  /** Returns the number of open connections. */
  readonly size: () => number;
  /** Cuts every connection. */
  readonly cut: () => void;
  /** Refuses new connections, or accepts them again. */
  readonly refuse: (isRefusing: boolean) => void;
  /** Forwards no more bytes and cuts no connection: a silent network. False resumes forwarding. */
  readonly silence: (isSilent: boolean) => void;
  /**
   * Cuts the next connection whose client sends bytes that `matches` accepts: before the server receives them, or after, so that the
   * server processes them without a reply to the client. Resolves once the connection is cut.
   */
  readonly cutAt: (matches: (bytes: Buffer) => boolean, when: "before" | "after") => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Trap {
  readonly matches: (bytes: Buffer) => boolean;
  readonly when: "before" | "after";
  readonly sprung: () => void;
}

/** @param target the port to pass on to, or who knows it at the moment */
export async function startProxy(target: number | (() => number)): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, upstream: Socket]>();
  let trap: Trap | undefined;
  let isRefusing = false;
  let isSilent = false;

  const server = createServer((client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(typeof target === "number" ? target : target(), "127.0.0.1");
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", end).on("close", end);
      if (isSilent) socket.pause();
    }
    upstream.on("data", (bytes) => client.write(bytes));
    client.on("data", (bytes) => {
      if (trap?.matches(bytes) !== true) {
        upstream.write(bytes);
        return;
      }
      const { when, sprung } = trap;
      trap = undefined;
      pairs.delete(pair);
      client.removeListener("close", end);
      upstream.removeAllListeners("data").resume();
      const cutClient = (): void => void client.resetAndDestroy();
      if (when === "after") {
        // The server closes once it has executed everything, so a retry of the client never overtakes it.
        upstream.once("close", cutClient).end(bytes);
      } else {
        upstream.destroy();
        cutClient();
      }
      sprung();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();

  const cut = (): void => {
    for (const socket of [...pairs].flat()) socket.destroy();
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    size: () => pairs.size,
    cut,
    refuse(refusing) {
      isRefusing = refusing;
    },
    silence(silent) {
      isSilent = silent;
      for (const socket of [...pairs].flat()) {
        if (silent) socket.pause();
        else socket.resume();
      }
    },
    cutAt: (matches, when) =>
      new Promise((resolve) => {
        trap = { matches, when, sprung: resolve };
      }),
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
