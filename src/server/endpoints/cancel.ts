import { eventChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { requireEmptyBody, postToExisting } from "../writing/post-to-existing.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/** `POST /{id}/cancel`: asks the operation in progress to end; a success already on its way still wins. */
export function cancelEndpoint(context: EndpointContext, type: ResourceType, answers: WriteResponses): Endpoint {
  const { clock } = context;
  return postToExisting({
    context,
    type,
    answers,
    prepare: requireEmptyBody,
    decide: (_, { operation }, request) => ({
      // The one that was read: a later one is not what the client saw.
      change: eventChange({ operation: operation.id }, { event: "cancel-requested" }, stampOf(clock)),
      response: (after) => answers.accepted(request, after),
    }),
  });
}
