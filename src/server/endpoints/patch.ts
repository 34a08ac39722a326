import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isInProgress } from "../../core/operation.ts";
import { requireExisting } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { MERGE_PATCH_TYPE, parseJson } from "../request/body.ts";
import { checkPreconditions, requireIfMatch } from "../request/conditional.ts";
import { configurationOf, validationError, unknownFields, validateConfiguration } from "../request/configuration.ts";
import { mergePatch } from "../request/merge-patch.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { readWriteRequest } from "../writing/write-request.ts";
import type { WriteResponses } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

const TYPES = [MERGE_PATCH_TYPE, JSON_TYPE];

/** `PATCH` of a resource: a merge patch, onto what the client sent before; the schema then sees the whole anew. */
export function patchEndpoint(context: EndpointContext, type: ResourceType, answers: WriteResponses): Endpoint {
  const { options } = context;
  return async (request) => {
    const {
      body,
      idempotency: repeatable,
      preferences,
      preconditions,
    } = await readWriteRequest(context, request, TYPES);
    const written = await write(context, {
      type,
      request,
      idempotency: repeatable,
      retryAfter: answers.retryAfter,
      prepare: () => {
        requireIfMatch(preconditions, options.preconditionRequired);
        const patch = parseJson(body, options.maxDepth);
        const issues = unknownFields(patch, ["configuration"]);
        if (issues.length > 0) throw validationError(issues);
        return patch;
      },
      decide: async (patch, row) => {
        const before = requireExisting(row, type);
        checkPreconditions(preconditions, before, answers.show);
        const { operation } = before;
        const sent: unknown = JSON.parse(
          isInProgress(operation) ? operation.rawConfiguration : before.rawConfiguration,
        );
        const merged = configurationOf(mergePatch({ configuration: sent }, patch));
        const valid = await validateConfiguration(type, merged, []);
        return reconfigure(context, request, { type, answers, before, requested: configurationOf(patch), valid });
      },
    });
    return answers.respond(request, written, preferences, 200);
  };
}
