import { NO_RESOURCE, type CheckContext, type RuleResults } from "./check-context.ts";
import { describeReply } from "./probe.ts";
import { evaluateRule, skipped } from "./rule-result.ts";

/** Minimum time between the two reads of a settled resource. */
const RECHECK_DELAY_MS = 1500;

/** Reads a settled resource before and after the other checks. */
export async function tryStable(
  context: CheckContext,
  resource: string | undefined,
  meanwhile: () => Promise<void>,
): Promise<RuleResults> {
  if (resource === undefined) {
    await meanwhile();
    return { results: [skipped("follow.stable", NO_RESOURCE)] };
  }
  const first = await context.probe("GET", resource);
  await Promise.all([meanwhile(), new Promise((resolve) => void setTimeout(resolve, RECHECK_DELAY_MS))]);
  const later = await context.probe("GET", resource);
  const isSame =
    first.status === 200 && later.status === 200 && first.text === later.text && !later.headers.has("retry-after");
  const problem = `the representation was ${first.text.slice(0, 200)} and became ${later.status === 200 ? later.text.slice(0, 200) : describeReply(later)}`;
  return { results: [evaluateRule("follow.stable", isSame ? undefined : problem, "unchanged after the other checks")] };
}
