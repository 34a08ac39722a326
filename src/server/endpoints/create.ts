import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { checkCollection, ownerOf } from "../access/access.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { parseJson } from "../request/body.ts";
import { configurationOf, unknownFields, validConfiguration } from "../request/configuration.ts";
import { acceptance, readWrite } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `POST` to the collection: a new resource, under an id of the server's. */
export function createEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  const { options, clock } = serving;
  return async (call) => {
    await checkCollection(call.principal, { method: "POST", type: type.name }, options);
    const { body, repeatable, preferences } = await readWrite(serving, call);
    const owner = ownerOf(call.principal);
    const written = await write(serving, {
      type,
      call,
      repeatable,
      isNew: true,
      retryAfter: answers.retryAfter,
      prepare: () => {
        const sent = parseJson(body, options.maxDepth);
        return validConfiguration(type, configurationOf(sent), unknownFields(sent, ["configuration"]));
      },
      decide: (valid) => ({
        change: acceptance(
          serving,
          call,
          { type, id: createId(clock.now()), before: undefined },
          {
            kind: "create",
            ...valid,
            ...(owner === undefined ? {} : { owner }),
          },
        ),
        answer: (after) => answers.accepted(call, after),
      }),
    });
    return answers.preferred(call, written, preferences, 201);
  };
}
