// A process of `npm run simulate`: simulates one seed after the other, as its parent asks.
import type { RunRequest, RunResult } from "./pool.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

// Errors that work and network throw on purpose need no stack.
Error.stackTraceLimit = 0;

async function runOf({ options, shrinks }: RunRequest): Promise<RunResult> {
  const report = await simulate(options);
  const result = { report: { ...report, trace: [] } };
  if (report.violations.length === 0) return { ...result, failed: undefined };
  const failed = { options, report };
  return { ...result, failed: shrinks ? await shrink(failed) : failed };
}

process.on("message", (request: RunRequest) => {
  void runOf(request).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit());
