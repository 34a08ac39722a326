import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { authorizeCollection, ownerOf } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { configurationOf, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `POST` to the collection: a new resource, under an id of the server's. */
export function createEndpoint(context: EndpointContext, type: ResourceType, answers: WriteResponses): Endpoint {
  const { options, clock } = context;
  return async (request) => {
    await authorizeCollection(request.principal, { method: "POST", type: type.name }, options);
    const { body, idempotency: repeatable, preferences } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const written = await write(context, {
      type,
      request,
      idempotency: repeatable,
      isNew: true,
      retryAfter: answers.retryAfter,
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
        response: (after) => answers.accepted(request, after),
      }),
    });
    return answers.respond(request, written, preferences, 201);
  };
}
