import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { restateServer } from "../../test/support/restate.ts";
import type { Side } from "./side.ts";

const PEER = join(import.meta.dirname, "../peers/restate.ts");

/** Restate: a Fastify API in front of its server, and the service that the server calls, in one process. */
export function restateSide(name: string): Side {
  return {
    name,
    durability: "the log of one Restate server, with its defaults; state and result are in Restate",
    needs: ["peers", "restate"],
    isDurable: true,
    async prepare({ workers }) {
      const [restate, service] = await Promise.all([restateServer(), freePort()]);
      await restate.start();
      const env = { RESTATE_URL: restate.url, SERVICE_PORT: String(service), ...(workers ? {} : { WORKERS: "off" }) };
      return {
        processes: [{ argv: [PEER], env: { ...env, RESTATE_LOGGING: "ERROR" } }],
        started: async () => restate.register(`http://127.0.0.1:${service}`),
        completed: async () => settledOf(restate.adminUrl),
        release: async () => restate[Symbol.asyncDispose](),
      };
    },
  };
}

/** Counts the ended workflows by a query of Restate's own tables. */
async function settledOf(adminUrl: string): Promise<number> {
  const query =
    "select count(*) as count from sys_invocation where status = 'completed' and target_handler_name = 'run'";
  const response = await fetch(`${adminUrl}/query`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  return Number(/"count":(\d+)/.exec(text)?.[1] ?? NaN);
}
