import { setTimeout as passes } from "node:timers/promises";
import { anyOf } from "../support/random.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";

interface Link {
  readonly ends: readonly [from: string, to: string];
  readonly proxy: TcpProxy;
}

/** The connections between the processes of a fleet. Each process can be cut off from all others. */
export class Network {
  readonly #links: Link[] = [];

  /** Creates a route from one process to another. Returns its local port. */
  async link(from: string, to: string, port: number | (() => number)): Promise<number> {
    const proxy = await startProxy(port);
    this.#links.push({ ends: [from, to], proxy });
    return proxy.port;
  }

  /** Cuts all connections of a process for a while, or keeps them open without any data. Returns which of the two. */
  async cutOff(name: string, ms: number): Promise<string> {
    const proxies = this.#links.filter(({ ends }) => ends.includes(name)).map(({ proxy }) => proxy);
    const isSilent = anyOf([true, false]);
    for (const proxy of proxies) {
      if (isSilent) proxy.silence(true);
      else {
        proxy.refuse(true);
        proxy.cut();
      }
    }
    await passes(ms);
    for (const proxy of proxies) {
      if (isSilent) proxy.silence(false);
      else proxy.refuse(false);
    }
    return isSilent ? "its connections silent" : "its connections cut";
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map(({ proxy }) => proxy.close()));
  }
}
