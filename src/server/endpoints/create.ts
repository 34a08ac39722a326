import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { ownerOf } from "../../core/principal.ts";
import { authorizeCollection } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { configurationOf, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `POST` to the collection: creates a resource with an id from the server. */
export function createEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options, clock } = context;
  return async (request) => {
    await authorizeCollection(request.principal, { method: "POST", type: type.name }, options);
    const { body, idempotency, preferences } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      isNew: true,
      retryAfter: responses.retryAfter,
      prepare: () => {
        const sent = parseJson(body, options.maxDepth);
        return validateConfiguration(type, configurationOf(sent), unknownFields(sent, ["configuration"]));
      },
      decide: (valid) => ({
        change: acceptChange(
          context,
          request,
          { type, id: createId(clock.now()), before: undefined },
          {
            kind: "create",
            ...valid,
            ...(owner === undefined ? {} : { owner }),
          },
        ),
        response: (after) => responses.accepted(request, after),
      }),
    });
    return responses.respond(request, outcome, preferences, 201);
  };
}
