import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isInProgress } from "../../core/operation.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson, PATCH_TYPES } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, validationError, validateConfiguration } from "../request/configuration.ts";
import { mergedMetadata, readEnvelope } from "../request/envelope.ts";
import { mergePatch } from "../request/merge-patch.ts";
import { annotation, reconfigure } from "../writing/reconfigure.ts";
import { readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/**
 * `PATCH` of a resource: merges a patch into the configuration that the client sent before, and validates the result. A
 * patch of the metadata alone begins no operation.
 */
export function patchEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options, clock } = context;
  return async (request) => {
    const { body, idempotency, preferences, preconditions } = await readWriteRequest(context, request, PATCH_TYPES);
    const outcome = await write(context, {
      type,
      request,
      idempotency,
      retryAfter: responses.retryAfter,
      prepare: () => {
        requireIfMatch(preconditions, options.preconditionRequired);
        const patch = parseJson(body, options.maxDepth);
        const envelope = readEnvelope(type, patch, clock.now());
        if (envelope.issues.length > 0) throw validationError(envelope.issues);
        return { patch, envelope };
      },
      decide: async ({ patch, envelope }, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, responses.show);
        const requested = configurationOf(patch);
        const metadata = mergedMetadata(before.metadata, envelope.metadata);
        if (requested === undefined && metadata !== undefined) {
          return annotation(context, before, metadata, (after) => responses.accepted(request, after, 200));
        }
        const { operation } = before;
        const sent: unknown = JSON.parse(
          isInProgress(operation) ? operation.rawConfiguration : before.rawConfiguration,
        );
        const merged = configurationOf(mergePatch({ configuration: sent }, patch));
        const valid = await validateConfiguration(type, merged, []);
        const chosen = { metadata, deadlineAt: envelope.deadlineAt };
        return {
          ...reconfigure(context, request, { type, responses, before, requested, valid, chosen }),
          asked: { kind: "update", configuration: valid.configuration },
        };
      },
    });
    return responses.respond(request, outcome, preferences, 200);
  };
}
