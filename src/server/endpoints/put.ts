import type { ResourceType } from "../../core/definition/resource-type.ts";
import { ownerOf } from "../../core/principal.ts";
import { authorizeCollection } from "../access/access.ts";
import { existing } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `PUT` of a resource: creates one with the id of the client, or changes the configuration of an existing one. */
export function putEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options } = context;
  return async (request) => {
    await authorizeCollection(request.principal, { method: "PUT", type: type.name }, options);
    const { body, idempotency, preferences, preconditions } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      retryAfter: responses.retryAfter,
      // An id of another owner gets the refusal of an unused id, so that PUT cannot probe for ids.
      onHidden: () => checkPreconditions(preconditions, undefined, responses.show),
      prepare: async () => {
        const sent = parseJson(body, options.maxDepth);
        const requested = configurationOf(sent);
        return {
          requested,
          valid: await validateConfiguration(type, requested, unknownFields(sent, ["configuration"])),
        };
      },
      decide: ({ requested, valid }, row) => {
        const before = existing(row);
        checkPreconditions(preconditions, before, responses.show);
        if (before !== undefined) {
          requireIfMatch(preconditions, options.preconditionRequired);
          return reconfigure(context, request, { type, responses, before, requested, valid });
        }
        const operation = { kind: "create", ...valid, ...(owner === undefined ? {} : { owner }) };
        return {
          change: acceptChange(context, request, { type, id: request.id, before }, operation),
          response: (after) => responses.accepted(request, after),
        };
      },
    });
    return responses.respond(request, outcome, preferences, 200);
  };
}
