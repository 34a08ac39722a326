import type { DeclaredOperation, ResourceType } from "../../core/definition/resource-type.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { validationError } from "../request/configuration.ts";
import { requireEmptyBody, postToExisting } from "../writing/post-to-existing.ts";
import { acceptChange } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/** `POST /{id}/{action}`: starts the operation of an action, with the body as its input. */
export function actionEndpoint(
  context: EndpointContext,
  type: ResourceType,
  responses: WriteResponses,
  action: DeclaredOperation,
): Endpoint {
  return postToExisting({
    context,
    type,
    responses,
    prepare: async (body) => {
      if (action.input === undefined) {
        requireEmptyBody(body);
        return undefined;
      }
      const validated = await validateToJson(action.input.schema, body);
      if (validated.issues !== undefined) throw validationError(validated.issues);
      return validated.text;
    },
    ask: (input) => ({ kind: action.kind, action: action.kind, ...(input === undefined ? {} : { input }) }),
    decide: (input, before, request) => ({
      change: acceptChange(
        context,
        request,
        { type, id: before.id, before },
        {
          kind: action.kind,
          ...(input === undefined ? {} : { input }),
        },
      ),
      response: (after) => responses.accepted(request, after),
    }),
  });
}
