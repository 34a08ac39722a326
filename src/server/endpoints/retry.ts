import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { nothing, postToExisting } from "../writing/post-to-existing.ts";
import { acceptance } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";

/** `POST /{id}/retry`: the failed or cancelled operation once more, with what it has recorded. */
export function retryEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  return postToExisting({
    serving,
    type,
    answers,
    prepare: nothing,
    decide: (_, before, call) => {
      const { id, kind, state } = before.operation;
      if (state === "succeeded") {
        throw new Refusal("not-retryable", "The latest operation succeeded; there is nothing to retry.");
      }
      if (!type.operations.has(kind)) {
        throw new Refusal(
          "not-retryable",
          `The latest operation is of the kind ${kind}, which a ${type.name} no longer has.`,
        );
      }
      return {
        change: acceptance(serving, call, { type, id: before.id, before }, { kind, retryOf: id }),
        answer: (after) => answers.accepted(call, after),
      };
    },
  });
}
