import { eventChange, stampOf } from "../../core/change.ts";
import type { DeclaredSchema, ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { validationError } from "../request/configuration.ts";
import { postToExisting } from "../writing/post-to-existing.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/** A message that a type declares in `receives`. */
export interface DeclaredMessage extends DeclaredSchema {
  readonly name: string;
}

/** `POST /{id}/{message}`: stores the body for work that waits, or will wait, for this message. */
export function receiveEndpoint(
  context: EndpointContext,
  type: ResourceType,
  responses: WriteResponses,
  message: DeclaredMessage,
): Endpoint {
  const { clock } = context;
  return postToExisting({
    context,
    type,
    responses,
    prepare: async (body) => {
      const validated = await validateToJson(message.schema, body);
      if (validated.issues !== undefined) throw validationError(validated.issues);
      return validated.text;
    },
    ask: (input) => ({ action: message.name, input }),
    decide: (value, { operation }, request) => {
      const at = clock.now();
      return {
        // Delivers only to the operation that was read: a later one does not wait for this message.
        change: eventChange(
          { operation: operation.id },
          { event: "received", id: createId(at), name: message.name, value },
          stampOf(clock, at),
        ),
        response: (after) => responses.accepted(request, after),
      };
    },
  });
}
