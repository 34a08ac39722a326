import { isJsonObject } from "../../core/json/json.ts";
import { resourceUrl, NOTHING_CREATED, type CheckContext, type RuleResults } from "./check-context.ts";
import { type Reply, describeReply } from "./probe.ts";
import { evaluateRule, skipped, type RuleResult } from "./rule-result.ts";

const BODY_RULES = ["errors.malformed", "errors.shape", "errors.media-type"] as const;

/** Sends requests that the API must reject. */
export async function tryErrors(context: CheckContext, resource: string | undefined): Promise<RuleResults> {
  const { url, create, probe } = context;
  const replies: Reply[] = [];
  const checkRejection = async (
    rule: RuleResult["rule"],
    statuses: readonly number[],
    pending: Promise<Reply>,
  ): Promise<RuleResult> => {
    const reply = await pending;
    replies.push(reply);
    // Registers a wrongly created resource for deletion.
    resourceUrl(context, reply.headers);
    return evaluateRule(
      rule,
      statuses.includes(reply.status) ? undefined : `returned ${describeReply(reply)}`,
      describeReply(reply),
    );
  };
  const known = resource ?? `${url.replace(/\/$/, "")}/x`;
  const notFound = [
    await checkRejection("errors.not-found", [404], probe("GET", new URL("afoot-check-no-such-id", known).href)),
  ];
  const method = await checkRejection("errors.method", [405], probe("PROPFIND", create === undefined ? known : url));
  const bodies =
    create === undefined
      ? BODY_RULES.map((rule) => skipped(rule, NOTHING_CREATED))
      : [
          await checkRejection(
            "errors.malformed",
            [400],
            probe("POST", url, { raw: '{"unfinished":', headers: { "content-type": "application/json" } }),
          ),
          await checkRejection("errors.shape", [400, 422], probe("POST", url, { json: ["not", "that", "shape"] })),
          await checkRejection(
            "errors.media-type",
            [415],
            probe("POST", url, { raw: "plain", headers: { "content-type": "text/plain" } }),
          ),
        ];
  return { results: [...notFound, problemResult(replies), ...bodies, checkAllow(method, replies)] };
}

function problemResult(replies: readonly Reply[]): RuleResult {
  const errors = replies.filter(({ status }) => status >= 400);
  const problem = errors.map(problemError).find((each) => each !== undefined);
  if (errors.length === 0) return skipped("errors.problem", "no request was rejected");
  return evaluateRule("errors.problem", problem, `${errors.length} errors, all with a code`);
}

function problemError({ status, headers, body }: Reply): string | undefined {
  const type = headers.get("content-type") ?? "none";
  if (!type.startsWith("application/problem+json")) return `the content type of a ${status} response is ${type}`;
  const fields = isJsonObject(body) ? body : {};
  if (typeof fields["title"] !== "string") return `the problem of a ${status} has no title`;
  if (fields["status"] !== status) return `the problem of a ${status} has status ${JSON.stringify(fields["status"])}`;
  return typeof fields["code"] === "string" ? undefined : `the problem of a ${status} has no code`;
}

function checkAllow(result: RuleResult, replies: readonly Reply[]): RuleResult {
  const reply = replies.find(({ status }) => status === 405);
  if (result.outcome !== "passed" || reply === undefined) return result;
  const allow = reply.headers.get("allow");
  return evaluateRule("errors.method", allow === null ? "the 405 has no Allow" : undefined, `405, Allow: ${allow}`);
}
