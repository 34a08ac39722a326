import { resourceUrl, NOTHING_CREATED, NO_RESOURCE, type CheckContext, type RuleResults } from "./check-context.ts";
import { describeReply } from "./probe.ts";
import { evaluateRule, notSupported, skipped, type RuleResult } from "./rule-result.ts";
import { settledState } from "./try-follow.ts";

const CANCEL_RULES = ["cancel.accepted", "cancel.ends", "cancel.settled"] as const;

/** Cancels a new resource and a settled one. */
export async function tryCancel(context: CheckContext, settled: string | undefined): Promise<RuleResults> {
  const { url, create, probe } = context;
  if (create === undefined) return { results: CANCEL_RULES.map((rule) => skipped(rule, NOTHING_CREATED)) };
  const posted = await probe("POST", url, { json: create.body });
  const resource = resourceUrl(context, posted.headers);
  if (resource === undefined) return { results: CANCEL_RULES.map((rule) => skipped(rule, NO_RESOURCE)) };
  const cancelled = await probe("POST", cancelUrl(resource));
  if (cancelled.status === 404 || cancelled.status === 405 || cancelled.status === 501) {
    return { results: CANCEL_RULES.map((rule) => notSupported(rule, `POST to /cancel returned ${cancelled.status}`)) };
  }
  if (cancelled.status === 409) {
    const reason = "the resource settled before it could be cancelled";
    return {
      results: [
        skipped("cancel.accepted", reason),
        skipped("cancel.ends", reason),
        await cancelSettledResult(context, resource),
      ],
    };
  }
  const isAccepted = cancelled.status === 202 || cancelled.status === 200;
  return {
    results: [
      evaluateRule(
        "cancel.accepted",
        isAccepted ? undefined : `POST to /cancel returned ${describeReply(cancelled)}`,
        String(cancelled.status),
      ),
      isAccepted ? await cancelledResult(context, resource) : skipped("cancel.ends", "the resource was not cancelled"),
      settled === undefined ? skipped("cancel.settled", NO_RESOURCE) : await cancelSettledResult(context, settled),
    ],
  };
}

async function cancelledResult(context: CheckContext, resource: string): Promise<RuleResult> {
  const end = await settledState(context, resource);
  if (end === undefined) return evaluateRule("cancel.ends", "the cancelled resource did not settle in time", "");
  if (end.succeeded) return evaluateRule("cancel.ends", undefined, "the resource had succeeded already");
  const { code } = end.error ?? {};
  return evaluateRule(
    "cancel.ends",
    end.outcome === "cancelled" ? undefined : `the resource settled with the error code ${code}`,
    `${end.status}, error ${code}`,
  );
}

async function cancelSettledResult({ probe }: CheckContext, resource: string): Promise<RuleResult> {
  const reply = await probe("POST", cancelUrl(resource));
  return evaluateRule(
    "cancel.settled",
    reply.status === 409 ? undefined : `POST to /cancel returned ${describeReply(reply)}`,
    describeReply(reply),
  );
}

function cancelUrl(resource: string): string {
  return `${resource.replace(/\/$/, "")}/cancel`;
}
