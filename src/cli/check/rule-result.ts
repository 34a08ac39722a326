import { RULES, type RuleName } from "./rules.ts";

export type Outcome = "passed" | "failed" | "not supported" | "skipped";

/** Result of checking one rule. */
export interface RuleResult {
  readonly rule: RuleName;
  readonly outcome: Outcome;
  readonly requirement: string;
  /** The behaviour found, in a few words. */
  readonly actual: string;
  /** Advice for repairing the API. Present if the rule failed. */
  readonly fix?: string;
}

/** Returns a result that failed if `problem` is given, and passed otherwise. */
export function evaluateRule(rule: RuleName, problem: string | undefined, actual: string): RuleResult {
  const { requirement, fix } = RULES[rule];
  if (problem === undefined) return { rule, outcome: "passed", requirement, actual };
  return { rule, outcome: "failed", requirement, actual: problem, fix };
}

export function notSupported(rule: RuleName, actual: string): RuleResult {
  return { rule, outcome: "not supported", requirement: RULES[rule].requirement, actual };
}

export function skipped(rule: RuleName, reason: string): RuleResult {
  return { rule, outcome: "skipped", requirement: RULES[rule].requirement, actual: reason };
}
