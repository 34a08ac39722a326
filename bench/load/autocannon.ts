import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { LOAD_CORES, onCores } from "../process.ts";
import type { LoadRequest, RawLoadResult } from "./request.ts";

const RESULT = z.object({
  "4xx": z.number(),
  "5xx": z.number(),
  errors: z.number(),
  requests: z.object({ average: z.number(), total: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
});

const autocannon = createRequire(import.meta.url).resolve("autocannon");

/** Generates load with autocannon. Passes the requests in a file, because thousands of paths exceed a command line. */
export async function loadByAutocannon(request: LoadRequest): Promise<RawLoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-autocannon-"));
  try {
    const { origin, paths, method, headers, body, connections, seconds } = request;
    const requests = paths.map((path) => ({ method, path, headers, ...(body === undefined ? {} : { body }) }));
    const har = join(folder, "requests.json");
    writeFileSync(har, JSON.stringify({ url: origin, connections, duration: seconds, requests }));
    const program = `
      const { url, ...options } = JSON.parse(require("node:fs").readFileSync(${JSON.stringify(har)}, "utf8"));
      require(${JSON.stringify(autocannon)})({ url, ...options }, (error, result) => {
        if (error) throw error;
        process.stdout.write(JSON.stringify(result));
      });`;
    const child = onCores(LOAD_CORES, [process.execPath, "--input-type=commonjs", "--eval", program]);
    if (child.stdout === null) throw new Error("the load process has no standard output");
    const result = RESULT.parse(JSON.parse(await text(child.stdout)));
    return {
      requests: result.requests.total,
      perSecond: result.requests.average,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      errors: result["4xx"] + result["5xx"] + result.errors,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
