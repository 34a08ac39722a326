import type { ResourceType } from "../../core/definition/resource-type.ts";
import { authenticateRequest, authorizeOperator } from "../access/access.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { ExternalProcesses } from "../external/external.ts";
import { checkedMessage, InvalidMessageError } from "../external/message-check.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { validationError } from "../request/configuration.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";

const HEADERS = ["Content-Type", JSON_TYPE, "Cache-Control", "no-store", ...SECURITY_HEADERS] as const;
/** Of what an operation may hold: a JSON text within JSON, with its quotes escaped, and others beside it. */
const BODY_FACTOR = 3;

/**
 * `POST /worker/{kind}`: what a worker asks of a server, answered after the commit. A claim with `Prefer: wait=N` is held until
 * something is due.
 */
export function workerEndpoints(
  context: EndpointContext,
  types: readonly ResourceType[],
  { workerRequests: answers, waitingClaims: due }: ExternalProcesses,
): readonly (readonly [kind: string, endpoint: Endpoint])[] {
  const largest = Math.max(0, ...types.map(({ policy }) => policy.maxBytes));
  const maxBodyBytes = Math.max(context.options.maxBodyBytes, largest * BODY_FACTOR);

  const check = ({ principal }: EndpointRequest): Promise<void> =>
    authorizeOperator(principal, { method: "POST", type: "worker" }, context.options);

  const read = async (request: EndpointRequest): Promise<unknown> => {
    const { http } = request;
    parseQuery(http.query, []);
    negotiate(http.header("accept"), [JSON_TYPE]);
    await check(request);
    return parseJson(await readBody(http, { ...context.options, maxBodyBytes }), context.options.maxDepth);
  };
  const answering =
    (answer: (message: unknown) => Promise<object>): Endpoint =>
    async (request) =>
      answered(await asked(read(request).then(answer)));

  const claim: Endpoint = async (request) => {
    const message = await read(request);
    const seconds = Math.min(
      parsePrefer(request.http.header("prefer")).waitSeconds ?? 0,
      context.options.waitMs / 1000,
    );
    if (seconds > 0) {
      const { slots: places } = await asked(Promise.resolve(message).then((given) => checkedMessage("claim", given)));
      await due.waitUntilDue(places, seconds * 1000, request.http);
      // What it is granted now is for whom it is now.
      await check({ ...request, principal: await authenticateRequest(request.http, context.options) });
    }
    const response = answered(await asked(answers.claim(message)));
    const applied = seconds > 0 ? ["Preference-Applied", `wait=${seconds}`] : [];
    return { ...response, headers: [...response.headers, ...applied] };
  };

  const progress: Endpoint = async (request) => {
    await asked(read(request).then(answers.progress));
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURITY_HEADERS] };
  };

  return [
    ["claim", claim],
    ["record", answering(answers.record)],
    ["end", answering(answers.end)],
    ["beat", answering(answers.beat)],
    ["progress", progress],
  ];
}

function answered(reply: object): HttpResponse {
  return { status: 200, headers: HEADERS, body: JSON.stringify(reply) };
}

async function asked<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    throw error instanceof InvalidMessageError ? validationError(error.issues) : error;
  }
}
