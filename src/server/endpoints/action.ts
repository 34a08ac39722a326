import type { AcceptRequest } from "../../core/change.ts";
import type { DeclaredOperation, ResourceType } from "../../core/definition/resource-type.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { unknownFields, validationError } from "../request/configuration.ts";
import { readActionBody } from "../request/envelope.ts";
import { postToExisting } from "../writing/post-to-existing.ts";
import { acceptChange } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";

/** `POST /{id}/{action}`: starts the operation of an action, with the body as its input. */
export function actionEndpoint(
  context: EndpointContext,
  type: ResourceType,
  responses: WriteResponses,
  action: DeclaredOperation,
): Endpoint {
  const { kind } = action;
  return postToExisting({
    context,
    type,
    responses,
    prepare: async (body): Promise<Pick<AcceptRequest, "kind" | "input" | "deadlineAt">> => {
      const { input: sent, deadlineAt, issues } = readActionBody(action, body, context.clock.now());
      const options = { kind, ...(deadlineAt === undefined ? {} : { deadlineAt }) };
      const validated =
        action.input === undefined
          ? { issues: unknownFields(body, ["deadline"]) }
          : await validateToJson(action.input.schema, sent);
      const all = [...issues, ...(validated.issues ?? [])];
      if (all.length > 0) throw validationError(all);
      return validated.issues === undefined ? { ...options, input: validated.text } : options;
    },
    ask: ({ input }) => ({ kind, action: kind, ...(input === undefined ? {} : { input }) }),
    decide: (operation, before, request) => ({
      change: acceptChange(context, request, { type, id: before.id, before }, operation),
      response: (after) => responses.accepted(request, after),
    }),
  });
}
