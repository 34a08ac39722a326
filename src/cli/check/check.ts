import { UsageError } from "../follow/options.ts";
import { type CheckOptions, checkOptions } from "./check-options.ts";
import { isPassed, jsonReport, textReport } from "./check-report.ts";
import { runCheck } from "./run-check.ts";

const USAGE = 64;

/** Tries any API against the page docs/protocol.md, from outside. Resolves to 0 where no rule is broken, else to 1. */
export async function check(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  if (options === undefined) return USAGE;
  const report = await runCheck(options);
  process.stdout.write(options.json ? jsonReport(report) : textReport(report));
  return isPassed(report) ? 0 : 1;
}

function optionsOf(argv: readonly string[]): CheckOptions | undefined {
  try {
    return checkOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`afoot check: ${error.message}\n`);
    return undefined;
  }
}
