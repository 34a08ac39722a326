import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { nothing, postToExisting } from "../writing/post-to-existing.ts";
import type { Answers } from "../writing/write-responses.ts";

/** `POST /{id}/cancel`: asks the operation in progress to end; a success already on its way still wins. */
export function cancelEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  const { clock } = serving;
  return postToExisting({
    serving,
    type,
    answers,
    prepare: nothing,
    decide: (_, { operation }, call) => ({
      change: {
        change: "event",
        // The one that was read: a later one is not what the client saw.
        target: { operation: operation.id },
        event: { event: "cancel-asked" },
        at: clock.now(),
        random: clock.random(),
      },
      answer: (after) => answers.accepted(call, after),
    }),
  });
}
