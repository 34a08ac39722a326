import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { descendants, onCores, pinToSide, SIDE_CORES, stopProcess, untilResponding } from "../process.ts";
import type { Database, Services } from "../services.ts";

const BENCH = join(import.meta.dirname, "..");

/** Nodes on one database. */
export interface Nodes {
  readonly ports: number[];
  readonly database: Database;
  readonly stop: () => Promise<void>;
}

export async function startNodes(services: Services, count: number): Promise<Nodes> {
  const database = await services.database();
  const ports: number[] = [];
  const children: ReturnType<typeof onCores>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(stopProcess));
    await database.drop();
  };
  try {
    for (let node = 0; node < count; node++) {
      const port = await freePort();
      const argv = [join(BENCH, "../dist/main.js"), "start", join(BENCH, "app.ts"), "--store", database.url];
      const child = onCores(SIDE_CORES, [process.execPath, ...argv, "--port", String(port)]);
      child.stdout?.resume();
      ports.push(port);
      children.push(child);
      await untilResponding(`http://127.0.0.1:${port}`, child);
    }
    pinToSide(descendants().map(({ pid }) => pid));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, database, stop };
}
