import { setTimeout as passes } from "node:timers/promises";
import { anyOf } from "../support/random.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";

interface Link {
  readonly ends: readonly [from: string, to: string];
  readonly proxy: TcpProxy;
}

/** What the processes of a fleet reach each other by, so that any of them can be cut off from all the others. */
export class Network {
  readonly #links: Link[] = [];

  /** Lays a way from one process to another. Gives the port at which it begins. */
  async link(from: string, to: string, port: number | (() => number)): Promise<number> {
    const proxy = await startProxy(port);
    this.#links.push({ ends: [from, to], proxy });
    return proxy.port;
  }

  /** Cuts every connection of a process and lets it make no other, or leaves them open and silent, for a while. Says which. */
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
