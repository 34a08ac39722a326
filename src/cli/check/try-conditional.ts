import { strongTag } from "../../client/http/entity-tag.ts";
import { NOTHING_CREATED, NO_RESOURCE, type CheckContext, type RuleResults } from "./check-context.ts";
import { describeReply } from "./probe.ts";
import { evaluateRule, notSupported, skipped, type RuleResult } from "./rule-result.ts";

/** An entity tag that no server issues. */
const UNKNOWN_TAG = '"afoot-check-no-such-state"';
const WAIT_S = 1;

const RULES_WITH_TAG = ["conditional.not-modified", "conditional.long-poll", "conditional.lost-update"] as const;

/** Sends conditional requests for a settled resource. */
export async function tryConditional(context: CheckContext, resource: string | undefined): Promise<RuleResults> {
  const allRules = (result: typeof skipped, reason: string): RuleResults => ({
    results: (["conditional.etag", ...RULES_WITH_TAG] as const).map((rule) => result(rule, reason)),
  });
  if (resource === undefined) return allRules(skipped, NO_RESOURCE);
  const { headers } = await context.probe("GET", resource);
  const etag = headers.get("etag");
  if (etag === null) return allRules(notSupported, "GET has no ETag");
  if (!/^(?:W\/)?"[^"]*"$/.test(etag)) {
    const problem = `ETag is ${etag}, which is not in double quotes`;
    return {
      results: [evaluateRule("conditional.etag", problem, ""), ...RULES_WITH_TAG.map((rule) => skipped(rule, problem))],
    };
  }
  return {
    results: [
      evaluateRule("conditional.etag", undefined, `ETag: ${etag}`),
      await notModified(context, resource, strongTag(etag)),
      await longPoll(context, resource, strongTag(etag)),
      await lostUpdate(context, resource),
    ],
  };
}

async function notModified({ probe }: CheckContext, resource: string, etag: string): Promise<RuleResult> {
  const reply = await probe("GET", resource, { headers: { "if-none-match": etag } });
  const problem =
    reply.status === 304 ? undefined : `GET with the current ETag in If-None-Match returned ${describeReply(reply)}`;
  return evaluateRule("conditional.not-modified", problem, "304");
}

async function longPoll({ probe }: CheckContext, resource: string, etag: string): Promise<RuleResult> {
  const reply = await probe("GET", resource, { headers: { "if-none-match": etag, prefer: `wait=${WAIT_S}` } });
  const applied = reply.headers.get("preference-applied");
  const isSupported = /\bwait\b/i.test(applied ?? "");
  if (!isSupported) return notSupported("conditional.long-poll", "no Preference-Applied: wait");
  const actual = `${describeReply(reply)} after ${(reply.ms / 1000).toFixed(1)} s`;
  const isHeld = reply.status === 304 && reply.ms >= WAIT_S * 900;
  return evaluateRule(
    "conditional.long-poll",
    isHeld ? undefined : `the resource had not changed, and Preference-Applied is ${applied}: ${actual}`,
    actual,
  );
}

/** Sends outdated writes. Runs only on a resource that the check created, to put no other one at risk. */
async function lostUpdate({ probe, create }: CheckContext, resource: string): Promise<RuleResult> {
  const unknown = { "if-match": UNKNOWN_TAG };
  if (create === undefined) return skipped("conditional.lost-update", NOTHING_CREATED);
  const patched = await probe("PATCH", resource, {
    json: create.body,
    headers: { ...unknown, "content-type": "application/merge-patch+json" },
  });
  if (patched.status === 412) return evaluateRule("conditional.lost-update", undefined, "PATCH returned 412");
  if (isSuccess(patched.status)) {
    return evaluateRule("conditional.lost-update", `PATCH returned ${describeReply(patched)}`, "");
  }
  const deleted = await probe("DELETE", resource, { headers: unknown });
  if (deleted.status === 412) return evaluateRule("conditional.lost-update", undefined, "DELETE returned 412");
  if (isSuccess(deleted.status)) {
    return evaluateRule("conditional.lost-update", `DELETE returned ${describeReply(deleted)}`, "");
  }
  return notSupported("conditional.lost-update", `PATCH returned ${patched.status}, DELETE returned ${deleted.status}`);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
