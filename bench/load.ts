import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { onCore } from "./sides.ts";

const RESULT = z.object({
  non2xx: z.number(),
  errors: z.number(),
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
});

const autocannon = createRequire(import.meta.url).resolve("autocannon");

export interface Load {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly connections: number;
  readonly seconds: number;
  readonly body?: string;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Loads a URL from a process on the other core. Any answer that is not 2xx spoils the measurement, so it throws. */
export async function load({ url, method, connections, seconds, body }: Load): Promise<Measured> {
  const argv = [autocannon, "--json", "--no-progress", "-c", String(connections), "-d", String(seconds), "-m", method];
  if (body !== undefined) argv.push("-H", "Content-Type=application/json", "-b", body);
  const child = onCore(1, [...argv, url]);
  if (child.stdout === null) throw new Error("the load process has no standard output");
  const result = RESULT.parse(JSON.parse(await text(child.stdout)));
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${method} ${url}: ${result.non2xx} answers other than 2xx, ${result.errors} errors`);
  }
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}
