import type { ResourceType } from "../../core/definition/resource-type.ts";
import { authenticated, checkWhole } from "../access/access.ts";
import type { EndpointRequest, Endpoint, EndpointContext } from "../context.ts";
import type { Outside } from "../external/external.ts";
import { checkedMessage, InvalidMessageError } from "../external/message-check.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { SECURE } from "../http/problems.ts";
import { readBody, parseJson } from "../request/body.ts";
import { invalid } from "../request/configuration.ts";
import { JSON_TYPE, negotiate } from "../request/negotiate.ts";
import { parsePrefer } from "../request/prefer.ts";
import { parseQuery } from "../request/query.ts";

const HEADERS = ["Content-Type", JSON_TYPE, "Cache-Control", "no-store", ...SECURE] as const;
/** Of what an operation may hold: a JSON text within JSON, with its quotes escaped, and others beside it. */
const BODY_FACTOR = 3;

/**
 * `POST /worker/{kind}`: what a worker asks of a server, answered after the commit. A claim with `Prefer: wait=N` is held until
 * something is due.
 */
export function workerEndpoints(
  serving: EndpointContext,
  types: readonly ResourceType[],
  { answers, due }: Outside,
): readonly (readonly [kind: string, endpoint: Endpoint])[] {
  const largest = Math.max(0, ...types.map(({ policy }) => policy.maxBytes));
  const maxBodyBytes = Math.max(serving.options.maxBodyBytes, largest * BODY_FACTOR);

  const check = ({ principal }: EndpointRequest): Promise<void> =>
    checkWhole(principal, { method: "POST", type: "worker" }, serving.options);

  const read = async (call: EndpointRequest): Promise<unknown> => {
    const { request } = call;
    parseQuery(request.query, []);
    negotiate(request.header("accept"), [JSON_TYPE]);
    await check(call);
    return parseJson(await readBody(request, { ...serving.options, maxBodyBytes }), serving.options.maxDepth);
  };
  const answering =
    (answer: (message: unknown) => Promise<object>): Endpoint =>
    async (call) =>
      answered(await asked(read(call).then(answer)));

  const claim: Endpoint = async (call) => {
    const message = await read(call);
    const seconds = Math.min(
      parsePrefer(call.request.header("prefer")).waitSeconds ?? 0,
      serving.options.waitMs / 1000,
    );
    if (seconds > 0) {
      const { places } = await asked(Promise.resolve(message).then((given) => checkedMessage("claim", given)));
      await due.hold(places, seconds * 1000, call.request);
      // What it is granted now is for whom it is now.
      await check({ ...call, principal: await authenticated(call.request, serving.options) });
    }
    const response = answered(await asked(answers.claim(message)));
    const applied = seconds > 0 ? ["Preference-Applied", `wait=${seconds}`] : [];
    return { ...response, headers: [...response.headers, ...applied] };
  };

  const progress: Endpoint = async (call) => {
    await asked(read(call).then(answers.progress));
    return { status: 202, headers: ["Cache-Control", "no-store", ...SECURE] };
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
    throw error instanceof InvalidMessageError ? invalid(error.issues) : error;
  }
}
