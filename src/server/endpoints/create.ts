import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { ownerOf } from "../../core/principal.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { configurationOf, validateConfiguration } from "../request/configuration.ts";
import { mergedMetadata, operationOptions, readEnvelope } from "../request/envelope.ts";
import { allowedAddresses } from "../webhooks/addresses.ts";
import { acceptChange, readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `POST` to the collection: creates a resource with an id from the server. */
export function createEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options, clock } = context;
  const receivers = allowedAddresses(options.webhooks?.allow ?? []);
  return async (request) => {
    const { body, idempotency, preferences } = await readWriteRequest(context, request);
    const owner = ownerOf(request.principal);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      isNew: true,
      retryAfter: responses.retryAfter,
      prepare: async () => {
        const sent = parseJson(body, options.maxDepth);
        const now = clock.now();
        const { metadata: patch, deadlineAt, webhook, issues } = readEnvelope(type, sent, now, { receivers });
        const valid = await validateConfiguration(type, configurationOf(sent), issues);
        const metadata = mergedMetadata(null, patch);
        const requested = operationOptions(type.operations.get("create"), now, { metadata, deadlineAt });
        return { ...valid, ...requested, ...(webhook === undefined ? {} : { webhook }) };
      },
      ask: ({ configuration }) => ({ kind: "create", configuration }),
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
