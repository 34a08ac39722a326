import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import type { RequestedOperation } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { requireEmptyBody, postToExisting } from "../writing/post-to-existing.ts";
import { acceptChange } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/** `POST /{id}/retry`: starts the failed or cancelled operation again, with its recorded steps. */
export function retryEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  return postToExisting({
    context,
    type,
    responses,
    prepare: requireEmptyBody,
    ask: (_, before) => ({ action: "retry", ...(before === undefined ? {} : repeatedOperation(before)) }),
    decide: (_, before, request) => {
      const { id, kind, state } = before.operation;
      if (state === "succeeded") {
        throw new Refusal("not-retryable", "The latest operation succeeded; there is nothing to retry.");
      }
      if (!type.operations.has(kind)) {
        throw new Refusal(
          "not-retryable",
          `The latest operation has the kind ${kind}, which ${type.name} no longer declares.`,
        );
      }
      return {
        change: acceptChange(context, request, { type, id: before.id, before }, { kind, retryOf: id }),
        response: (after) => responses.accepted(request, after),
      };
    },
  });
}

function repeatedOperation({ operation: { kind, configuration, input } }: Resource): RequestedOperation {
  return {
    kind,
    ...(kind === "create" || kind === "update" ? { configuration } : {}),
    ...(input === null ? {} : { input }),
  };
}
