import type { ResourceType } from "../../core/definition/resource-type.ts";
import { authorizeCollection, ownerOf } from "../access/access.ts";
import { existing } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `PUT` of a resource: a new one under an id that the client chose, or another configuration for an existing one. */
export function putEndpoint(context: EndpointContext, type: ResourceType, answers: WriteResponses): Endpoint {
  const { options } = context;
  return async (request) => {
    await authorizeCollection(request.principal, { method: "PUT", type: type.name }, options);
    const { body, idempotency: repeatable, preferences, preconditions } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const written = await write(context, {
      type,
      request,
      idempotency: repeatable,
      retryAfter: answers.retryAfter,
      // What an id that is free would be refused for is no way to try whether it is.
      onHidden: () => checkPreconditions(preconditions, undefined, answers.show),
      prepare: async () => {
        const sent = parseJson(body, options.maxDepth);
        const asked = configurationOf(sent);
        return { asked, valid: await validateConfiguration(type, asked, unknownFields(sent, ["configuration"])) };
      },
      decide: ({ asked, valid }, row) => {
        const before = existing(row);
        checkPreconditions(preconditions, before, answers.show);
        if (before !== undefined) {
          requireIfMatch(preconditions, options.preconditionRequired);
          return reconfigure(context, request, { type, answers, before, requested: asked, valid });
        }
        const operation = { kind: "create", ...valid, ...(owner === undefined ? {} : { owner }) };
        return {
          change: acceptChange(context, request, { type, id: request.id, before }, operation),
          response: (after) => answers.accepted(request, after),
        };
      },
    });
    return answers.respond(request, written, preferences, 200);
  };
}
