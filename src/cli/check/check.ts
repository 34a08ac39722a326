import { UsageError } from "../follow/options.ts";
import { type CheckOptions, checkOptions } from "./check-options.ts";
import { isPassed, jsonReport, textReport } from "./check-report.ts";
import { runCheck } from "./run-check.ts";

const USAGE_EXIT_CODE = 64;

/** Checks any API against docs/protocol.md. Resolves to 0 if no rule failed, and to 1 otherwise. */
export async function check(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) return USAGE_EXIT_CODE;
  const report = await runCheck(options);
  process.stdout.write(options.json ? jsonReport(report) : textReport(report));
  return isPassed(report) ? 0 : 1;
}

function readOptions(argv: readonly string[]): CheckOptions | undefined {
  try {
    return checkOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`afoot check: ${error.message}\n`);
    return undefined;
  }
}
