import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import type { RequestedOperation } from "../access/access.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext, EndpointRequest } from "../context.ts";
import { parseOptionalJson } from "../request/body.ts";
import { checkPreconditions } from "../request/conditional.ts";
import { validationError, unknownFields } from "../request/configuration.ts";
import { readWriteRequest } from "./write-request.ts";
import type { WriteResponses } from "./write-responses.ts";
import { type PlannedWrite, write } from "./write.ts";

/** A POST to a path below an existing resource. */
export interface PostToExisting<Prepared> {
  readonly context: EndpointContext;
  readonly type: ResourceType;
  readonly responses: WriteResponses;
  /** Validates the body, which is `{}` if the request has none. @throws Refusal `validation` */
  readonly prepare: (body: unknown) => Prepared | Promise<Prepared>;
  /** Returns the operation to authorize. */
  readonly ask: (prepared: Prepared, before: Resource | undefined) => RequestedOperation;
  readonly decide: (prepared: Prepared, before: Resource, request: EndpointRequest) => PlannedWrite;
}

/** Creates the endpoint of a POST that changes an existing resource. Shared by cancel, retry, actions and messages. */
export function postToExisting<Prepared>({
  context,
  type,
  responses,
  prepare,
  ask,
  decide,
}: PostToExisting<Prepared>): Endpoint {
  return async (request) => {
    const { body, idempotency, preferences, preconditions } = await readWriteRequest(context, request);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      retryAfter: responses.retryAfter,
      prepare: () => prepare(parseOptionalJson(body, context.options)),
      ask,
      decide: (prepared, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, responses.show);
        return decide(prepared, before, request);
      },
    });
    return responses.respond(request, outcome, preferences, 200);
  };
}

/** Requires that a body is absent or has no fields. @throws Refusal `validation` */
export function requireEmptyBody(body: unknown): void {
  const issues = unknownFields(body, []);
  if (issues.length > 0) throw validationError(issues);
}
