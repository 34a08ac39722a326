import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { LOAD_CORES, onCores } from "../process.ts";
import type { LoadRequest, RawLoadResult } from "./request.ts";

const RESULT = z.object({
  requests: z.number(),
  microseconds: z.number(),
  errors: z.number(),
  p50Us: z.number(),
  p99Us: z.number(),
});

/** Generates load with wrk. A Lua script contains the requests and prints the result. */
export async function loadByWrk(request: LoadRequest): Promise<RawLoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-wrk-"));
  try {
    const script = join(folder, "load.lua");
    writeFileSync(script, scriptOf(request));
    const { origin, connections, seconds } = request;
    const child = onCores(LOAD_CORES, [
      "wrk",
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      "--timeout=20s",
      `--script=${script}`,
      origin,
    ]);
    if (child.stdout === null) throw new Error("wrk has no standard output");
    const output = await text(child.stdout);
    const found = /^RESULT (.*)$/m.exec(output)?.[1];
    if (found === undefined) throw new Error(`wrk printed no result:\n${output}`);
    const { requests, microseconds, errors, p50Us, p99Us } = RESULT.parse(JSON.parse(found));
    const perSecond = (requests * 1_000_000) / microseconds;
    return { requests, perSecond, errors, p50Ms: p50Us / 1000, p99Ms: p99Us / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptOf({ method, paths, headers = {}, body }: LoadRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `[${luaString(name)}] = ${luaString(value)}`);
  return `
local requests = {}
local paths = { ${paths.map(luaString).join(", ")} }
init = function()
  math.randomseed(1)
  for index, path in ipairs(paths) do
    requests[index] = wrk.format(${luaString(method)}, path, { ${fields.join(", ")} }, ${body === undefined ? "nil" : luaString(body)})
  end
end
request = function() return requests[${paths.length === 1 ? "1" : "math.random(#requests)"}] end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\nRESULT {"requests":%d,"microseconds":%d,"errors":%d,"p50Us":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

/** Quotes a string for Lua. JSON is sufficient for paths, headers and bodies. */
function luaString(value: string): string {
  return JSON.stringify(value);
}
