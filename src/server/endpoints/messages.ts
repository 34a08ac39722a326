import type { Issue } from "../../core/json/schema.ts";
import type { StatusVerdict } from "../../core/ports/broker.ts";
import { checkWhole } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import type { Outside } from "../external/external.ts";
import { Refusal, SECURE } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { invalid } from "../request/configuration.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { parseQuery } from "../request/query.ts";

/** @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md */
const TYPES = ["application/cloudevents+json", "application/cloudevents-batch+json", JSON_TYPE];

type Refused = Extract<StatusVerdict, { verdict: "refused" }>;

/** `POST /messages`: one status message of an outside process, or a batch; 202 once what they say is committed. */
export function messagesEndpoint({ options, clock }: EndpointContext, outside: Outside): Endpoint {
  return async ({ request, principal }) => {
    parseQuery(request.query, []);
    await checkWhole(principal, { method: "POST", type: "message" }, options);
    const body = parseJson(await readBody(request, options, TYPES), options.maxDepth);
    const isBatch = Array.isArray(body);
    const messages: readonly unknown[] = isBatch ? body : [body];
    if (messages.length === 0) throw invalid([{ pointer: "", detail: "holds no message" }]);
    if (messages.length > options.maxMessages) {
      throw invalid([{ pointer: "", detail: `holds more than ${options.maxMessages} messages; send them in several` }]);
    }
    const at = clock.now();
    const verdicts = await outside.messages.take(messages.map((message) => ({ message, at, isInOrder: true })));
    if (verdicts.some(({ verdict }) => verdict === "later")) throw later();
    const refused = verdicts.flatMap((each, index) => (each.verdict === "refused" ? [{ ...each, index }] : []));
    const [first] = refused;
    if (first !== undefined) throw isBatch ? refusedOfBatch(refused, verdicts.length) : refusedOne(first);
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURE] };
  };
}

function refusedOne({ code, detail, issues }: Refused): Refusal {
  return code === "validation" ? invalid(issues ?? []) : new Refusal(code, detail);
}

/** The others are applied: a batch that is posted again changes nothing. */
function refusedOfBatch(refused: readonly (Refused & { readonly index: number })[], count: number): Refusal {
  const errors = refused.flatMap(({ index, code, detail, issues }): Issue[] =>
    code === "validation" && issues !== undefined
      ? issues.map((issue) => ({ pointer: `/${index}${issue.pointer}`, detail: issue.detail }))
      : [{ pointer: `/${index}`, detail: `${code}: ${detail}` }],
  );
  const detail = `Of ${count} messages, ${refused.length} can never be applied; each is named by its place. The others are applied.`;
  return new Refusal("validation", detail, { errors: errors.slice(0, 100) });
}

function later(): Refusal {
  return new Refusal("overloaded", "Another version of the app declares this type; send the message again.", {
    headers: ["Retry-After", "5"],
  });
}
