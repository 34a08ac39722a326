import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext, EndpointRequest } from "../context.ts";
import { parseOptionalJson } from "../request/body.ts";
import { checkPreconditions } from "../request/conditional.ts";
import { validationError, unknownFields } from "../request/configuration.ts";
import { readWriteRequest } from "./write-request.ts";
import type { WriteResponses } from "./write-responses.ts";
import { type PlannedWrite, write } from "./write.ts";

/** A POST to something below an existing resource. */
export interface PostToExisting<Prepared> {
  readonly context: EndpointContext;
  readonly type: ResourceType;
  readonly answers: WriteResponses;
  /** Reads the body, `{}` where it is left out. @throws Refusal `validation` */
  readonly prepare: (body: unknown) => Prepared | Promise<Prepared>;
  readonly decide: (prepared: Prepared, before: Resource, request: EndpointRequest) => PlannedWrite;
}

/** Makes the endpoint of a POST that changes an existing resource: what cancel, retry, actions and messages share. */
export function postToExisting<Prepared>({
  context,
  type,
  answers,
  prepare,
  decide,
}: PostToExisting<Prepared>): Endpoint {
  return async (request) => {
    const { body, idempotency: repeatable, preferences, preconditions } = await readWriteRequest(context, request);
    const written = await write(context, {
      type,
      request,
      idempotency: repeatable,
      retryAfter: answers.retryAfter,
      prepare: () => prepare(parseOptionalJson(body, context.options)),
      decide: (prepared, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, answers.show);
        return decide(prepared, before, request);
      },
    });
    return answers.respond(request, written, preferences, 200);
  };
}

/** The `prepare` of a request that takes no body. @throws Refusal `validation` */
export function requireEmptyBody(body: unknown): void {
  const issues = unknownFields(body, []);
  if (issues.length > 0) throw validationError(issues);
}
