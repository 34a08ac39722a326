import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { LOAD_CORE, onCore } from "../process.ts";
import type { Load, Said } from "./asked.ts";

const RESULT = z.object({
  requests: z.number(),
  microseconds: z.number(),
  errors: z.number(),
  p50Us: z.number(),
  p99Us: z.number(),
});

/** Loads by wrk, which is told what to send, and how to say what came of it, by a script. */
export async function byWrk(asked: Load): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), "afoot-wrk-"));
  try {
    const script = join(folder, "load.lua");
    writeFileSync(script, scriptOf(asked));
    const { origin, connections, seconds } = asked;
    const child = onCore(LOAD_CORE, [
      "wrk",
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      "--timeout=20s",
      `--script=${script}`,
      origin,
    ]);
    if (child.stdout === null) throw new Error("wrk has no standard output");
    const said = await text(child.stdout);
    const found = /^RESULT (.*)$/m.exec(said)?.[1];
    if (found === undefined) throw new Error(`wrk said nothing of a result:\n${said}`);
    const { requests, microseconds, errors, p50Us, p99Us } = RESULT.parse(JSON.parse(found));
    const perSecond = (requests * 1_000_000) / microseconds;
    return { requests, perSecond, errors, p50Ms: p50Us / 1000, p99Ms: p99Us / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptOf({ method, paths, headers = {}, body }: Load): string {
  const fields = Object.entries(headers).map(([name, value]) => `[${lua(name)}] = ${lua(value)}`);
  return `
local requests = {}
local paths = { ${paths.map(lua).join(", ")} }
init = function()
  math.randomseed(1)
  for index, path in ipairs(paths) do
    requests[index] = wrk.format(${lua(method)}, path, { ${fields.join(", ")} }, ${body === undefined ? "nil" : lua(body)})
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

/** A text as Lua writes it: as JSON does, for what stands in paths, headers and bodies. */
function lua(value: string): string {
  return JSON.stringify(value);
}
