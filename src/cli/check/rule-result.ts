import { RULES, type RuleName } from "./rules.ts";

export type Outcome = "passed" | "failed" | "not offered" | "not tried";

/** What came of trying one rule. */
export interface Verdict {
  readonly rule: RuleName;
  readonly outcome: Outcome;
  readonly says: string;
  /** What was seen. */
  readonly seen: string;
  /** Of a failure: what to do. */
  readonly next?: string;
}

/** Passed, unless there is a fault to name. */
export function judged(rule: RuleName, fault: string | undefined, seen: string): Verdict {
  const { says, next } = RULES[rule];
  if (fault === undefined) return { rule, outcome: "passed", says, seen };
  return { rule, outcome: "failed", says, seen: fault, next };
}

export function notOffered(rule: RuleName, seen: string): Verdict {
  return { rule, outcome: "not offered", says: RULES[rule].says, seen };
}

export function notTried(rule: RuleName, why: string): Verdict {
  return { rule, outcome: "not tried", says: RULES[rule].says, seen: why };
}
