import type { Trial } from "./check-context.ts";
import type { CheckOptions } from "./check-options.ts";
import { createProbe, told } from "./probe.ts";
import type { Verdict } from "./rule-result.ts";
import { RULES } from "./rules.ts";
import { tryCancel } from "./try-cancel.ts";
import { tryConditional } from "./try-conditional.ts";
import { tryCreate } from "./try-create.ts";
import { tryErrors } from "./try-errors.ts";
import { tryFollow } from "./try-follow.ts";
import { tryIdempotency } from "./try-idempotency.ts";
import { tryStays } from "./try-stable.ts";

export interface CheckReport {
  readonly url: string;
  /** One for each rule, in the order of the page. */
  readonly verdicts: readonly Verdict[];
  /** What was created and could not be deleted again. */
  readonly left: readonly string[];
}

/** Tries an API from outside against every rule of the protocol. */
export async function runCheck({ url, create, headers, timeoutMs, keep }: CheckOptions): Promise<CheckReport> {
  const trial: Trial = { url, create, headers, timeoutMs, probe: createProbe(headers), created: new Set() };
  const created = await tryCreate(trial);
  const followed = await tryFollow(trial, created.resource);
  const verdicts: Verdict[] = [...created.verdicts, ...followed.verdicts];
  const { resource } = followed;
  const stays = await tryStays(trial, resource, async () => {
    for (const tried of [
      await tryErrors(trial, resource),
      await tryIdempotency(trial),
      await tryCancel(trial, resource),
    ]) {
      verdicts.push(...tried.verdicts);
    }
  });
  // Last, for it writes to the resource that has to stay as it is.
  const conditional = await tryConditional(trial, resource);
  verdicts.push(...stays.verdicts, ...conditional.verdicts);
  const order = Object.keys(RULES);
  return {
    url,
    verdicts: verdicts.toSorted((one, other) => order.indexOf(one.rule) - order.indexOf(other.rule)),
    left: keep ? [] : await clearAway(trial),
  };
}

async function clearAway({ probe, created }: Trial): Promise<readonly string[]> {
  const left: string[] = [];
  for (const resource of created) {
    const reply = await probe("DELETE", resource);
    const isGone = reply.status < 300 || reply.status === 404 || reply.status === 410;
    if (!isGone) left.push(`${resource}: DELETE is ${told(reply)}`);
  }
  return left;
}
