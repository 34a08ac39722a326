import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isInProgress } from "../../core/operation.ts";
import { present } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { MERGE_PATCH_TYPE, parseJson } from "../request/body.ts";
import { checkPreconditions, requireMatch } from "../request/conditional.ts";
import { configurationOf, invalid, unknownFields, validConfiguration } from "../request/configuration.ts";
import { mergePatch } from "../request/merge-patch.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { readWrite } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

const TYPES = [MERGE_PATCH_TYPE, JSON_TYPE];

/** `PATCH` of a resource: a merge patch, onto what the client sent before; the schema then sees the whole anew. */
export function patchEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  const { options } = serving;
  return async (call) => {
    const { body, repeatable, preferences, preconditions } = await readWrite(serving, call, TYPES);
    const written = await write(serving, {
      type,
      call,
      repeatable,
      retryAfter: answers.retryAfter,
      prepare: () => {
        requireMatch(preconditions, options.preconditionRequired);
        const patch = parseJson(body, options.maxDepth);
        const issues = unknownFields(patch, ["configuration"]);
        if (issues.length > 0) throw invalid(issues);
        return patch;
      },
      decide: async (patch, row) => {
        const before = present(row, type);
        checkPreconditions(preconditions, before, answers.show);
        const { operation } = before;
        const sent: unknown = JSON.parse(isInProgress(operation) ? operation.sent : before.sent);
        const merged = configurationOf(mergePatch({ configuration: sent }, patch));
        const valid = await validConfiguration(type, merged, []);
        return reconfigure(serving, call, { type, answers, before, asked: configurationOf(patch), valid });
      },
    });
    return answers.preferred(call, written, preferences, 200);
  };
}
