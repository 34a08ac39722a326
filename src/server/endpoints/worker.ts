import type { ResourceType } from "../../core/definition/resource-type.ts";
import { authenticateRequest, authorizeOperator } from "../access/access.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { ExternalProcesses } from "../external/external.ts";
import { checkedMessage, InvalidMessageError } from "../external/message-check.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { validationError } from "../request/configuration.ts";
import { negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";

const HEADERS = ["Content-Type", JSON_TYPE, "Cache-Control", "no-store", ...SECURITY_HEADERS] as const;
/**
 * Ratio of the maximum body to `maxBytes` of an operation: the body holds JSON texts within JSON, with escaped quotes.
 */
const BODY_FACTOR = 3;

/**
 * `POST /worker/{kind}`: serves a request of a worker and responds after the commit. A claim with `Prefer: wait=N`
 * waits by long polling until an operation is due.
 */
export function workerEndpoints(
  context: EndpointContext,
  types: readonly ResourceType[],
  { workerRequests, waitingClaims }: ExternalProcesses,
): readonly (readonly [kind: string, endpoint: Endpoint])[] {
  const maxOperationBytes = Math.max(0, ...types.map(({ policy }) => policy.maxBytes));
  const maxBodyBytes = Math.max(context.options.maxBodyBytes, maxOperationBytes * BODY_FACTOR);

  const authorize = ({ principal }: EndpointRequest): Promise<void> =>
    authorizeOperator(principal, { method: "POST", type: "worker" }, context.options);

  const read = async (request: EndpointRequest): Promise<unknown> => {
    const { http } = request;
    parseQuery(http.query, []);
    negotiate(http.header("accept"), [JSON_TYPE]);
    await authorize(request);
    return parseJson(await readBody(http, { ...context.options, maxBodyBytes }), context.options.maxDepth);
  };
  const replyWith =
    (handle: (message: unknown) => Promise<object>): Endpoint =>
    async (request) =>
      toResponse(await withValidationError(read(request).then(handle)));

  const claim: Endpoint = async (request) => {
    const message = await read(request);
    const seconds = Math.min(
      parsePrefer(request.http.header("prefer")).waitSeconds ?? 0,
      context.options.waitMs / 1000,
    );
    if (seconds > 0) {
      const { slots } = await withValidationError(
        Promise.resolve(message).then((unchecked) => checkedMessage("claim", unchecked)),
      );
      await waitingClaims.waitUntilDue(slots, seconds * 1000, request.http);
      // Authenticates again after the wait: the credentials may have been revoked meanwhile.
      await authorize({ ...request, principal: await authenticateRequest(request.http, context.options) });
    }
    const response = toResponse(await withValidationError(workerRequests.claim(message)));
    const applied = seconds > 0 ? ["Preference-Applied", `wait=${seconds}`] : [];
    return { ...response, headers: [...response.headers, ...applied] };
  };

  const progress: Endpoint = async (request) => {
    await withValidationError(read(request).then(workerRequests.progress));
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURITY_HEADERS] };
  };

  return [
    ["claim", claim],
    ["record", replyWith(workerRequests.record)],
    ["end", replyWith(workerRequests.end)],
    ["beat", replyWith(workerRequests.beat)],
    ["progress", progress],
  ];
}

function toResponse(reply: object): HttpResponse {
  return { status: 200, headers: HEADERS, body: JSON.stringify(reply) };
}

async function withValidationError<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    throw error instanceof InvalidMessageError ? validationError(error.issues) : error;
  }
}
