import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isInProgress } from "../../core/operation.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson, PATCH_TYPES } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, validationError, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { mergePatch } from "../request/merge-patch.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/**
 * `PATCH` of a resource: merges a patch into the configuration that the client sent before, and validates the result.
 */
export function patchEndpoint(context: EndpointContext, type: ResourceType, responses: WriteResponses): Endpoint {
  const { options } = context;
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
        const issues = unknownFields(patch, ["configuration"]);
        if (issues.length > 0) throw validationError(issues);
        return patch;
      },
      decide: async (patch, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, responses.show);
        const { operation } = before;
        const sent: unknown = JSON.parse(
          isInProgress(operation) ? operation.rawConfiguration : before.rawConfiguration,
        );
        const merged = configurationOf(mergePatch({ configuration: sent }, patch));
        const valid = await validateConfiguration(type, merged, []);
        return reconfigure(context, request, { type, responses, before, requested: configurationOf(patch), valid });
      },
    });
    return responses.respond(request, outcome, preferences, 200);
  };
}
