import { printable, printableJson } from "../printable.ts";
import type { Outcome, RuleResult } from "./rule-result.ts";
import type { CheckReport } from "./run-check.ts";

export function isPassed({ results }: CheckReport): boolean {
  return results.every(({ outcome }) => outcome !== "failed");
}

export function jsonReport(report: CheckReport): string {
  return `${printableJson(JSON.stringify({ ...report, passed: isPassed(report) }, undefined, 2))}\n`;
}

/** Formats the report as text. Each rule is one line; a failure is followed by the behaviour found and the advice. */
export function textReport(report: CheckReport): string {
  const { url, results, notDeleted } = report;
  const width = Math.max(...results.map(({ rule }) => rule.length));
  const lines = results.flatMap((result) => resultLines(result, width));
  const counts = COUNTED_OUTCOMES.flatMap((outcome) => {
    const count = results.filter((result) => result.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return [
    `Checked ${printable(url)}`,
    "",
    ...lines,
    "",
    `${counts.join(", ")}.`,
    ...(notDeleted.length === 0
      ? []
      : ["", "Created by this check and not deleted:", ...notDeleted.map((line) => `  ${printable(line)}`)]),
    "",
  ].join("\n");
}

const COUNTED_OUTCOMES: readonly Outcome[] = ["passed", "failed", "not supported", "skipped"];
const OUTCOME_WIDTH = "not supported".length;

function resultLines({ rule, outcome, requirement, actual, fix }: RuleResult, width: number): readonly string[] {
  const line = `${outcome.padEnd(OUTCOME_WIDTH)}  ${rule.padEnd(width)}  ${requirement}`;
  if (outcome === "passed") return [line];
  const indent = " ".repeat(OUTCOME_WIDTH + 2);
  return [line, `${indent}${printable(actual)}`, ...(fix === undefined ? [] : [`${indent}Fix: ${fix}`])];
}
