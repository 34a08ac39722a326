import { isJsonObject } from "../../core/json/json.ts";
import { located, NO_CREATION, type Trial, type Tried } from "./check-context.ts";
import { type Reply, told } from "./probe.ts";
import { judged, notTried, type Verdict } from "./rule-result.ts";

const OF_BODIES = ["errors.malformed", "errors.shape", "errors.media-type"] as const;

/** Sends what has to be refused. */
export async function tryErrors(trial: Trial, resource: string | undefined): Promise<Tried> {
  const { url, create, probe } = trial;
  const replies: Reply[] = [];
  const refused = async (
    rule: Verdict["rule"],
    statuses: readonly number[],
    sending: Promise<Reply>,
  ): Promise<Verdict> => {
    const reply = await sending;
    replies.push(reply);
    // What should not have been accepted is cleared away all the same.
    located(trial, reply.headers);
    return judged(rule, statuses.includes(reply.status) ? undefined : `it is ${told(reply)}`, told(reply));
  };
  const known = resource ?? `${url.replace(/\/$/, "")}/x`;
  const verdicts = [
    await refused("errors.not-found", [404], probe("GET", new URL("afoot-check-no-such-id", known).href)),
  ];
  const method = await refused("errors.method", [405], probe("PROPFIND", create === undefined ? known : url));
  const bodies =
    create === undefined
      ? OF_BODIES.map((rule) => notTried(rule, NO_CREATION))
      : [
          await refused(
            "errors.malformed",
            [400],
            probe("POST", url, { raw: '{"unfinished":', headers: { "content-type": "application/json" } }),
          ),
          await refused("errors.shape", [400, 422], probe("POST", url, { json: ["not", "that", "shape"] })),
          await refused(
            "errors.media-type",
            [415],
            probe("POST", url, { raw: "plain", headers: { "content-type": "text/plain" } }),
          ),
        ];
  return { verdicts: [...verdicts, problem(replies), ...bodies, withAllow(method, replies)] };
}

function problem(replies: readonly Reply[]): Verdict {
  const errors = replies.filter(({ status }) => status >= 400);
  const fault = errors.map(problemFault).find((each) => each !== undefined);
  if (errors.length === 0) return notTried("errors.problem", "nothing was refused");
  return judged("errors.problem", fault, `${errors.length} errors, each with a code`);
}

function problemFault({ status, headers, body }: Reply): string | undefined {
  const type = headers.get("content-type") ?? "none";
  if (!type.startsWith("application/problem+json")) return `the content type of a ${status} is ${type}`;
  const fields = isJsonObject(body) ? body : {};
  if (typeof fields["title"] !== "string") return `the problem of a ${status} has no title`;
  if (fields["status"] !== status) return `the problem of a ${status} says status ${JSON.stringify(fields["status"])}`;
  return typeof fields["code"] === "string" ? undefined : `the problem of a ${status} has no code`;
}

function withAllow(verdict: Verdict, replies: readonly Reply[]): Verdict {
  const reply = replies.find(({ status }) => status === 405);
  if (verdict.outcome !== "passed" || reply === undefined) return verdict;
  const allow = reply.headers.get("allow");
  return judged("errors.method", allow === null ? "the 405 has no Allow" : undefined, `405, Allow: ${allow}`);
}
