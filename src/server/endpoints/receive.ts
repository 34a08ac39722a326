import type { DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { validate } from "../../core/json/schema.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { invalid } from "../request/configuration.ts";
import { postToExisting } from "../writing/post-to-existing.ts";
import type { Answers } from "../writing/write-responses.ts";

/** A message that a type receives. */
export interface DeclaredMessage extends DeclaredSchema {
  readonly name: string;
}

/** `POST /{id}/{message}`: stores the body for the work that waits, or will wait, for a message of this name. */
export function receiveEndpoint(
  serving: EndpointContext,
  type: ResourceType,
  answers: Answers,
  message: DeclaredMessage,
): Endpoint {
  const { clock } = serving;
  return postToExisting({
    serving,
    type,
    answers,
    prepare: async (body) => {
      const validated = await validate(message.schema, body);
      if (validated.issues !== undefined) throw invalid(validated.issues);
      return JSON.stringify(validated.value);
    },
    decide: (value, { operation }, call) => {
      const at = clock.now();
      return {
        change: {
          change: "event",
          // The one that was read: a later one does not wait for this.
          target: { operation: operation.id },
          event: { event: "received", id: createId(at), name: message.name, value },
          at,
          random: clock.random(),
        },
        answer: (after) => answers.accepted(call, after),
      };
    },
  });
}
