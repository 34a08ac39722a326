import type { Issue } from "../../core/json/schema.ts";
import type { StatusMessageResult } from "../../core/ports/broker.ts";
import { authorizeOperator } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import type { ExternalProcesses } from "../external/external.ts";
import { Refusal, SECURITY_HEADERS } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { validationError } from "../request/configuration.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { parseQuery } from "../request/query.ts";

/** @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md */
const TYPES = ["application/cloudevents+json", "application/cloudevents-batch+json", JSON_TYPE];

type Refused = Extract<StatusMessageResult, { result: "refused" }>;

/** `POST /messages`: one status message of an outside process, or a batch; 202 once what they say is committed. */
export function messagesEndpoint({ options, clock }: EndpointContext, outside: ExternalProcesses): Endpoint {
  return async ({ http, principal }) => {
    parseQuery(http.query, []);
    await authorizeOperator(principal, { method: "POST", type: "message" }, options);
    const body = parseJson(await readBody(http, options, TYPES), options.maxDepth);
    const isBatch = Array.isArray(body);
    const messages: readonly unknown[] = isBatch ? body : [body];
    if (messages.length === 0) throw validationError([{ pointer: "", detail: "holds no message" }]);
    if (messages.length > options.maxMessages) {
      throw validationError([
        { pointer: "", detail: `holds more than ${options.maxMessages} messages; send them in several` },
      ]);
    }
    const at = clock.now();
    const verdicts = await outside.statusMessages.apply(messages.map((message) => ({ message, at, isInOrder: true })));
    if (verdicts.some(({ result: verdict }) => verdict === "later")) throw later();
    const refused = verdicts.flatMap((each, index) => (each.result === "refused" ? [{ ...each, index }] : []));
    const [first] = refused;
    if (first !== undefined) throw isBatch ? refusedOfBatch(refused, verdicts.length) : refusedOne(first);
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURITY_HEADERS] };
  };
}

function refusedOne({ code, detail, issues }: Refused): Refusal {
  return code === "validation" ? validationError(issues ?? []) : new Refusal(code, detail);
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
