import { RawConnection } from "./connection.ts";

/** Pause after a response that shows a resource in progress. */
const PAUSE_MS = 1;
const CONNECTIONS = 4;

interface Watched {
  readonly path: string;
  readonly until: () => number;
  readonly settled: () => void;
}

/**
 * Follows the resources of all clients with plain GETs, the oldest first. Polling by each client itself would be most of
 * the load.
 */
export class Poller {
  readonly #watched: Watched[] = [];
  readonly #free: RawConnection[];

  constructor(port: number) {
    this.#free = Array.from({ length: CONNECTIONS }, () => new RawConnection(port));
  }

  /** Resolves when a GET has shown that the resource is settled, or the time is over. */
  async untilSettled(path: string, until: () => number): Promise<void> {
    return new Promise((resolve) => {
      this.#watched.push({ path, until, settled: resolve });
      void this.#run();
    });
  }

  close(): void {
    for (const connection of this.#free) connection.close();
  }

  async #run(): Promise<void> {
    const connection = this.#free.pop();
    if (connection === undefined) return;
    for (let next = this.#watched.shift(); next !== undefined; next = this.#watched.shift()) {
      await poll(connection, next);
      next.settled();
    }
    this.#free.push(connection);
  }
}

async function poll(connection: RawConnection, { path, until }: Watched): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  while (performance.now() < until()) {
    const { body } = await connection.send(request);
    if (body.includes('"serial"')) return;
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
