import { resourceUrl, NOTHING_CREATED, NO_RESOURCE, type CheckContext, type RuleResults } from "./check-context.ts";
import { describeReply } from "./probe.ts";
import { evaluateRule, skipped } from "./rule-result.ts";

/** Creates a resource and reads it immediately. */
export async function tryCreate(context: CheckContext): Promise<RuleResults> {
  const { url, create, probe } = context;
  if (create === undefined) {
    const rules = ["create.accepted", "create.location", "create.readable"] as const;
    return { results: rules.map((rule) => skipped(rule, NOTHING_CREATED)), resource: url };
  }
  const posted = await probe("POST", url, { json: create.body });
  const isAccepted = posted.status === 202 || posted.status === 201;
  const accepted = evaluateRule(
    "create.accepted",
    isAccepted ? undefined : `POST returned ${describeReply(posted)}`,
    `POST returned ${posted.status}`,
  );
  if (!isAccepted) {
    return { results: [accepted, skipped("create.location", NO_RESOURCE), skipped("create.readable", NO_RESOURCE)] };
  }
  const header = posted.headers.get("location");
  const resource = resourceUrl(context, posted.headers);
  const problem =
    header === null
      ? "the response has no Location"
      : `Location is ${JSON.stringify(header)}, which is not a URL of this origin`;
  const location = evaluateRule("create.location", resource === undefined ? problem : undefined, `Location: ${header}`);
  if (resource === undefined) return { results: [accepted, location, skipped("create.readable", NO_RESOURCE)] };
  const read = await probe("GET", resource);
  const isReadable = read.status === 200;
  return {
    results: [
      accepted,
      location,
      evaluateRule(
        "create.readable",
        isReadable ? undefined : `GET returned ${describeReply(read)}`,
        "GET returned 200",
      ),
    ],
    resource: isReadable ? resource : undefined,
  };
}
