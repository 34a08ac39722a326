import type { DeclaredOperation, ResourceType } from "../../core/definition/resource-type.ts";
import { validate } from "../../core/json/schema.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { invalid } from "../request/configuration.ts";
import { nothing, postToExisting } from "../writing/post-to-existing.ts";
import { acceptance } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";

/** `POST /{id}/{action}`: the action's operation, with the body as its input. */
export function actionEndpoint(
  serving: EndpointContext,
  type: ResourceType,
  answers: Answers,
  action: DeclaredOperation,
): Endpoint {
  return postToExisting({
    serving,
    type,
    answers,
    prepare: async (body) => {
      if (action.input === undefined) {
        nothing(body);
        return undefined;
      }
      const validated = await validate(action.input.schema, body);
      if (validated.issues !== undefined) throw invalid(validated.issues);
      return JSON.stringify(validated.value);
    },
    decide: (input, before, call) => ({
      change: acceptance(
        serving,
        call,
        { type, id: before.id, before },
        {
          kind: action.kind,
          ...(input === undefined ? {} : { input }),
        },
      ),
      answer: (after) => answers.accepted(call, after),
    }),
  });
}
