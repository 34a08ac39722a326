import { eventChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { requireEmptyBody, postToExisting } from "../writing/post-to-existing.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/**
 * `POST /{id}/cancel`: requests the cancellation of the operation in progress. A success that is already reported still
 * wins.
 */
export function cancelEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { clock } = context;
  return postToExisting({
    context,
    type,
    responses,
    prepare: requireEmptyBody,
    ask: () => ({ action: "cancel" }),
    decide: (_, { operation }, request) => ({
      // Cancels only the operation that was read: the client has not seen a later one.
      change: eventChange({ operation: operation.id }, { event: "cancel-requested" }, stampOf(clock)),
      response: (after) => responses.accepted(request, after),
    }),
  });
}
