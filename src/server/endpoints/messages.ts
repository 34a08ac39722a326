import type { Issue } from "../../core/json/schema.ts";
import type { RefusedMessage } from "../../core/ports/broker.ts";
import { authorizeOperator } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import type { ExternalProcesses } from "../external/external.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { Refusal, SECURITY_HEADERS } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { validationError } from "../request/configuration.ts";
import { parseQuery } from "../request/query.ts";

/** @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md */
const TYPES = ["application/cloudevents+json", "application/cloudevents-batch+json", JSON_TYPE];

/**
 * `POST /messages`: applies a status message of an external process, or a batch. Responds with 202 after the commit.
 */
export function messagesEndpoint({ options, clock }: EndpointContext, external: ExternalProcesses): Endpoint {
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
    const results = await external.statusMessages.apply(messages.map((message) => ({ message, at, isInOrder: true })));
    if (results.some(({ result: status }) => status === "later")) throw retryLater();
    const refusals = results.flatMap((each, index) => (each.result === "refused" ? [{ ...each, index }] : []));
    const [first] = refusals;
    if (first !== undefined) throw isBatch ? toBatchRefusal(refusals, results.length) : toRefusal(first);
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURITY_HEADERS] };
  };
}

function toRefusal({ code, detail, issues }: RefusedMessage): Refusal {
  return code === "validation" ? validationError(issues ?? []) : new Refusal(code, detail);
}

/**
 * Creates the refusal of a batch. Its other messages are applied; sending the batch again does not apply them twice.
 */
function toBatchRefusal(refusals: readonly (RefusedMessage & { readonly index: number })[], count: number): Refusal {
  const errors = refusals.flatMap(({ index, code, detail, issues }): Issue[] =>
    code === "validation" && issues !== undefined
      ? issues.map((issue) => ({ pointer: `/${index}${issue.pointer}`, detail: issue.detail }))
      : [{ pointer: `/${index}`, detail: `${code}: ${detail}` }],
  );
  const detail = `Of ${count} messages, ${refusals.length} can never be applied; "errors" names them by index. The others are applied.`;
  return new Refusal("validation", detail, { errors: errors.slice(0, 100) });
}

function retryLater(): Refusal {
  return new Refusal(
    "overloaded",
    "The operation is being started at the moment, or only another version of the app declares its type; retry the request later.",
    {
      headers: ["Retry-After", "1"],
    },
  );
}
