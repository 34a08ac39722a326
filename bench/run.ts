// Runs the benchmark: npm run bench [-- part ...] [--quick]. See options.ts.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Part } from "./bench.ts";
import { machineLines } from "./machine.ts";
import type { Measure } from "./measure.ts";
import { isComplete, readOptions, USAGE } from "./options.ts";
import { markdownOf, type Result } from "./report/markdown.ts";
import { writeDocuments, writeResults } from "./report/write.ts";
import { Services } from "./services.ts";
import { chooseSides } from "./sides/choose.ts";

/** Parts by name, loaded on demand. */
const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  http: async () => (await import("./http/run.ts")).runHttp,
  nodes: async () => (await import("./nodes/run.ts")).runNodes,
  install: async () => (await import("./install/run.ts")).runInstall,
  estimates: async () => (await import("./estimates/run.ts")).runEstimates,
  sizes: async () => (await import("./sizes/run.ts")).runSizes,
  memory: async () => (await import("./memory/run.ts")).runMemory,
  start: async () => (await import("./start/run.ts")).runStart,
  "long-poll": async () => (await import("./long-poll/run.ts")).runLongPoll,
  costs: async () => (await import("./costs/run.ts")).runCosts,
  overload: async () => (await import("./overload/run.ts")).runOverload,
};

const options = readOptions(process.argv.slice(2));
const unknown = options.parts.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  process.stderr.write(`unknown part ${unknown.join(", ")}; available: ${Object.keys(PARTS).join(", ")}\n\n${USAGE}`);
  process.exit(2);
}

const startedAt = performance.now();
const log = (text: string): void => {
  process.stderr.write(`${Math.round((performance.now() - startedAt) / 1000)} s: ${text}\n`);
};
log("building the package");
execFileSync(process.execPath, ["scripts/build.mjs"], {
  cwd: join(import.meta.dirname, ".."),
  stdio: ["ignore", "inherit", "inherit"],
});
const services = new Services();
try {
  const { sides, skipped } = await chooseSides(options.sides, services);
  for (const [side, reason] of Object.entries(skipped)) log(`skipped: ${side}: ${reason}`);
  const measures: Measure[] = [];
  for (const name of options.parts.length === 0 ? Object.keys(PARTS) : options.parts) {
    if (performance.now() - startedAt > options.minutes * 60_000) {
      log(`skipped: ${name}: the run takes longer than ${options.minutes} minutes; set --minutes`);
      skipped[`part ${name}`] = `the run took longer than ${options.minutes} minutes`;
      continue;
    }
    try {
      const part = await PARTS[name]?.();
      const results = (await part?.({ options, services, sides, log })) ?? [];
      measures.push(...results.map((measure) => ({ ...measure, part: name })));
    } catch (error) {
      // A part that fails must not lose the results of the others.
      skipped[`part ${name}`] = error instanceof Error ? error.message : String(error);
      log(`failed: ${name}: ${skipped[`part ${name}`]}`);
    }
  }
  const machine = await machineLines(sides, services);
  const result: Result = { at: new Date().toISOString(), machine, measures, skipped };
  process.stdout.write(`${markdownOf(result, () => "")}\n`);
  log(`written: ${writeResults(result)}`);
  if (isComplete(options)) log(`written: ${writeDocuments(result)}`);
} finally {
  await services.close();
}
