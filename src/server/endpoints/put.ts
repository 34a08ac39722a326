import type { ResourceType } from "../../core/definition/resource-type.ts";
import { checkCollection, ownerOf } from "../access/access.ts";
import { live } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { checkPreconditions, requireMatch } from "../request/conditional.ts";
import { configurationOf, unknownFields, validConfiguration } from "../request/configuration.ts";
import { reconfigure } from "../writing/reconfigure.ts";
import { acceptance, readWrite } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `PUT` of a resource: a new one under an id that the client chose, or another configuration for an existing one. */
export function putEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  const { options } = serving;
  return async (call) => {
    await checkCollection(call.principal, { method: "PUT", type: type.name }, options);
    const { body, repeatable, preferences, preconditions } = await readWrite(serving, call);
    const owner = ownerOf(call.principal);
    const written = await write(serving, {
      type,
      call,
      repeatable,
      retryAfter: answers.retryAfter,
      // What an id that is free would be refused for is no way to try whether it is.
      onHidden: () => checkPreconditions(preconditions, undefined, answers.show),
      prepare: async () => {
        const sent = parseJson(body, options.maxDepth);
        const asked = configurationOf(sent);
        return { asked, valid: await validConfiguration(type, asked, unknownFields(sent, ["configuration"])) };
      },
      decide: ({ asked, valid }, row) => {
        const before = live(row);
        checkPreconditions(preconditions, before, answers.show);
        if (before !== undefined) {
          requireMatch(preconditions, options.preconditionRequired);
          return reconfigure(serving, call, { type, answers, before, asked, valid });
        }
        const operation = { kind: "create", ...valid, ...(owner === undefined ? {} : { owner }) };
        return {
          change: acceptance(serving, call, { type, id: call.id, before }, operation),
          answer: (after) => answers.accepted(call, after),
        };
      },
    });
    return answers.preferred(call, written, preferences, 200);
  };
}
