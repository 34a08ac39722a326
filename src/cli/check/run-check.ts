import type { CheckContext } from "./check-context.ts";
import type { CheckOptions } from "./check-options.ts";
import { createProbe, describeReply } from "./probe.ts";
import type { RuleResult } from "./rule-result.ts";
import { RULES } from "./rules.ts";
import { tryCancel } from "./try-cancel.ts";
import { tryConditional } from "./try-conditional.ts";
import { tryCreate } from "./try-create.ts";
import { tryErrors } from "./try-errors.ts";
import { tryFollow } from "./try-follow.ts";
import { tryIdempotency } from "./try-idempotency.ts";
import { tryStable } from "./try-stable.ts";

export interface CheckReport {
  readonly url: string;
  /** One result for each rule, in the order of docs/protocol.md. */
  readonly results: readonly RuleResult[];
  /** URLs of created resources that could not be deleted, each with the reason. */
  readonly notDeleted: readonly string[];
}

/** Checks an API against every rule of the protocol, over HTTP only. */
export async function runCheck({ url, create, headers, timeoutMs, keep }: CheckOptions): Promise<CheckReport> {
  const context: CheckContext = { url, create, headers, timeoutMs, probe: createProbe(headers), created: new Set() };
  const created = await tryCreate(context);
  const followed = await tryFollow(context, created.resource);
  const results: RuleResult[] = [...created.results, ...followed.results];
  const { resource } = followed;
  const stable = await tryStable(context, resource, async () => {
    for (const checked of [
      await tryErrors(context, resource),
      await tryIdempotency(context),
      await tryCancel(context, resource),
    ]) {
      results.push(...checked.results);
    }
  });
  // These checks write to the settled resource, so they run after the stability check.
  const conditional = await tryConditional(context, resource);
  results.push(...stable.results, ...conditional.results);
  const order = Object.keys(RULES);
  return {
    url,
    results: results.toSorted((one, other) => order.indexOf(one.rule) - order.indexOf(other.rule)),
    notDeleted: keep ? [] : await deleteCreated(context),
  };
}

async function deleteCreated({ probe, created }: CheckContext): Promise<readonly string[]> {
  const notDeleted: string[] = [];
  for (const resource of created) {
    const reply = await probe("DELETE", resource);
    const isGone = reply.status < 300 || reply.status === 404 || reply.status === 410;
    if (!isGone) notDeleted.push(`${resource}: DELETE is ${describeReply(reply)}`);
  }
  return notDeleted;
}
