import { once } from "node:events";
import { createServer } from "node:net";

/** Ports below those that systems give to outgoing connections, so that none of these takes the port meanwhile. */
const FIRST = 12_000;
const COUNT = 20_000;

/** Returns a port on which no process listens at the moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const probe = createServer().listen(port, "127.0.0.1");
    try {
      await once(probe, "listening");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") continue;
      throw error;
    }
    probe.close();
    await once(probe, "close");
    return port;
  }
}
