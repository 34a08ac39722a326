import { plain } from "../follow/text.ts";
import type { Outcome, Verdict } from "./rule-result.ts";
import type { CheckReport } from "./run-check.ts";

export function isPassed({ verdicts }: CheckReport): boolean {
  return verdicts.every(({ outcome }) => outcome !== "failed");
}

export function jsonReport(report: CheckReport): string {
  return `${JSON.stringify({ ...report, passed: isPassed(report) }, undefined, 2)}\n`;
}

/** One line for each rule; below a failure what was seen and what to do. */
export function textReport(report: CheckReport): string {
  const { url, verdicts, left } = report;
  const width = Math.max(...verdicts.map(({ rule }) => rule.length));
  const lines = verdicts.flatMap((verdict) => linesOf(verdict, width));
  const counts = COUNTED.flatMap((outcome) => {
    const count = verdicts.filter((verdict) => verdict.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return [
    `Checked ${plain(url)}`,
    "",
    ...lines,
    "",
    `${counts.join(", ")}.`,
    ...(left.length === 0
      ? []
      : ["", "What was created here is still there:", ...left.map((line) => `  ${plain(line)}`)]),
    "",
  ].join("\n");
}

const COUNTED: readonly Outcome[] = ["passed", "failed", "not offered", "not tried"];

function linesOf({ rule, outcome, says, seen, next }: Verdict, width: number): readonly string[] {
  const line = `${outcome.padEnd("not offered".length)}  ${rule.padEnd(width)}  ${says}`;
  if (outcome === "passed") return [line];
  const indent = " ".repeat("not offered".length + 2);
  return [line, `${indent}${plain(seen)}`, ...(next === undefined ? [] : [`${indent}To do: ${next}`])];
}
