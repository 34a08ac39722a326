import { Connection } from "../http/connection.ts";
import type { RunningSide } from "../sides/side.ts";
import { BODY } from "../sides/widget.ts";

const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Runs an exact number of lifecycles. With one connection, each begins after the previous one is settled; with several,
 * after the 202 of the previous one.
 */
export async function runLifecycles(
  { origin, completed }: RunningSide,
  count: number,
  connections: number,
): Promise<void> {
  const before = await completed();
  let posted = 0;
  const post = async (): Promise<void> => {
    const connection = new Connection(origin);
    while (posted < count) {
      posted++;
      const { location } = await connection.request("POST", "/api/widgets", BODY);
      if (location === undefined) throw new Error(`${origin}: POST gave no Location`);
      if (connections === 1) await untilSettled(connection, location);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, post));
  const deadline = performance.now() + REQUEST_TIMEOUT_MS;
  while ((await completed()) < before + count) {
    if (performance.now() > deadline) throw new Error(`${origin}: not all of ${count} lifecycles are settled`);
  }
}

async function untilSettled(connection: Connection, location: string): Promise<void> {
  while (!(await connection.request("GET", location)).body.includes('"serial"'));
}
