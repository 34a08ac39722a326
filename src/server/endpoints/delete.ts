import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { isInProgress } from "../../core/operation.ts";
import { present } from "../access/visibility.ts";
import type { Endpoint, EndpointContext } from "../context.ts";
import { BODILESS_HEADERS } from "../http/headers.ts";
import { checkPreconditions, requireMatch } from "../request/conditional.ts";
import { acceptance, readWrite } from "../writing/write-request.ts";
import type { Answers } from "../writing/write-responses.ts";
import { write } from "../writing/write.ts";

/** `DELETE` of a resource: by its delete work, or at once where it has none; an operation in progress is cancelled first. */
export function deleteEndpoint(serving: EndpointContext, type: ResourceType, answers: Answers): Endpoint {
  const { options, clock } = serving;
  return async (call) => {
    const { preferences, preconditions } = await readWrite(serving, call);
    requireMatch(preconditions, options.preconditionRequired);
    const written = await write(serving, {
      type,
      call,
      repeatable: undefined,
      retryAfter: answers.retryAfter,
      prepare: () => undefined,
      decide: (_, row) => {
        const before = present(row, type);
        checkPreconditions(preconditions, before, answers.show);
        const at = clock.now();
        const id = createId(at);
        const change = isInProgress(before.operation)
          ? ({
              change: "event",
              target: { operation: before.operation.id },
              event: { event: "delete-asked", operation: id },
              at,
              random: clock.random(),
            } as const)
          : acceptance(serving, call, { type, id: before.id, before }, { id, kind: "delete" });
        return {
          change,
          answer: (after) =>
            answers.accepted(
              call,
              after,
              after.deletedAt === null ? 202 : 204,
              after.operation.deleteAsked ?? undefined,
            ),
        };
      },
    });
    if (written.answer.status === 204) return { status: 204, headers: BODILESS_HEADERS };
    return answers.preferred(call, written, { ...preferences, waitSeconds: undefined }, 202);
  };
}
