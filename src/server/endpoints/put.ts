import type { ResourceType } from "../../core/definition/resource-type.ts";
import { ownerOf } from "../../core/principal.ts";
import { authorizeCollection } from "../access/access.ts";
import { existing } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, validateConfiguration } from "../request/configuration.ts";
import { mergedMetadata, operationOptions, readEnvelope } from "../request/envelope.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `PUT` of a resource: creates one with the id of the client, or changes the configuration of an existing one. */
export function putEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options: server, clock } = context;
  return async (request) => {
    const { body, idempotency, preferences, preconditions } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      retryAfter: responses.retryAfter,
      // An id of another owner gets the refusal of an unused id, so that PUT cannot probe for ids.
      onHidden: async (asked) => {
        const create = { ...asked, method: "PUT", type: type.name, kind: "create" };
        await authorizeCollection(request.principal, create, server);
        checkPreconditions(preconditions, undefined, responses.show);
      },
      prepare: async () => {
        const sent = parseJson(body, server.maxDepth);
        const requested = configurationOf(sent);
        const { metadata: patch, deadlineAt, issues } = readEnvelope(type, sent, clock.now());
        const valid = await validateConfiguration(type, requested, issues);
        return { requested, valid, chosen: { deadlineAt, metadata: mergedMetadata(null, patch) } };
      },
      ask: ({ valid: { configuration } }, row) => ({
        kind: existing(row) === undefined ? "create" : "update",
        configuration,
      }),
      decide: ({ requested, valid, chosen }, row) => {
        const before = existing(row);
        checkPreconditions(preconditions, before, responses.show);
        if (before !== undefined) {
          requireIfMatch(preconditions, server.preconditionRequired);
          return reconfigure(context, request, { type, responses, before, requested, valid, chosen });
        }
        const options = operationOptions(type.operations.get("create"), clock.now(), chosen);
        const operation = { kind: "create", ...valid, ...options, ...(owner === undefined ? {} : { owner }) };
        return {
          change: acceptChange(context, request, { type, id: request.id, before }, operation),
          response: (after) => responses.accepted(request, after),
        };
      },
    });
    return responses.respond(request, outcome, preferences, 200);
  };
}
