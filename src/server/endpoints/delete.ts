import { eventChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { isInProgress } from "../../core/operation.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { BODILESS_HEADERS } from "../http/headers.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { acceptChange, keptPrincipal, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/**
 * `DELETE` of a resource: runs its delete work, or deletes it immediately without one. Cancels an operation in progress
 * first.
 */
export function deleteEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options, clock } = context;
  return async (request) => {
    const { preferences, preconditions } = await readWriteRequest(context, request);
    requireIfMatch(preconditions, options.preconditionRequired);
    const outcome = await write(context, {
      type,
      request,
      idempotency: undefined,
      retryAfter: responses.retryAfter,
      prepare: () => undefined,
      ask: () => ({ kind: "delete" }),
      decide: (_, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, responses.show);
        const at = clock.now();
        const id = createId(at);
        const change = isInProgress(before.operation)
          ? eventChange(
              { operation: before.operation.id },
              { event: "delete-requested", operation: id, ...keptPrincipal(request.principal) },
              stampOf(clock, at),
            )
          : acceptChange(context, request, { type, id: before.id, before }, { id, kind: "delete" });
        return {
          change,
          response: (after) =>
            responses.accepted(
              request,
              after,
              after.deletedAt === null ? 202 : 204,
              after.operation.requestedDelete ?? undefined,
            ),
        };
      },
    });
    if (outcome.response.status === 204) return { status: 204, headers: BODILESS_HEADERS };
    return responses.respond(request, outcome, { ...preferences, waitSeconds: undefined }, 202);
  };
}
