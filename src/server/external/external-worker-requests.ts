import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { WorkerRequestHandler } from "../../core/ports/broker.ts";
import type { EndMessage, EndReply, WorkerRequestKind, WorkerRequests } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";
import { checkedProgress, checkedRequest, InvalidMessageError, outsideDetails } from "./message-check.ts";

export interface OutsideAnswersParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "readByOperation">;
  readonly answers: WorkerRequestHandler;
}

/** Answers whatever arrives, or rejects with InvalidMessageError. */
export type OutsideAnswers = {
  readonly [Kind in WorkerRequestKind]: (message: unknown) => Promise<WorkerRequests[Kind]["reply"]>;
} & { readonly progress: (message: unknown) => void };

/**
 * Answers workers of other processes, in any language: what they send is checked first, and the details with which they end an
 * operation that is external, too. An app's own worker has checked those itself.
 */
export function outsideAnswers({ types, store, answers }: OutsideAnswersParts): OutsideAnswers {
  const byName = new Map(types.map((type) => [type.name, type]));
  const isAnyExternal = types.some(({ operations }) => [...operations.values()].some(({ policy }) => policy.external));

  const end = async (message: EndMessage): Promise<EndReply> => {
    if (message.outcome !== "succeeded" || !isAnyExternal) return answers.end(message);
    const [row] = await store.readByOperation([message.operation]);
    const type = row === undefined ? undefined : byName.get(row.type);
    const kind = row?.operation.kind ?? "";
    // A deleted resource has no details.
    if (type?.operations.get(kind)?.policy.external !== true || kind === "delete") return answers.end(message);
    const { details, issues } = await outsideDetails(type, JSON.parse(message.details), "/details");
    if (issues === undefined) return answers.end({ ...message, details });
    return { answer: "refused", code: "invalid-details", detail: new InvalidMessageError(issues).message };
  };

  return {
    claim: async (message) => answers.claim(checkedRequest("claim", message)),
    record: async (message) => answers.record(checkedRequest("record", message)),
    end: async (message) => end(checkedRequest("end", message)),
    beat: async (message) => answers.beat(checkedRequest("beat", message)),
    progress: (message) => answers.progress(checkedProgress(message)),
  };
}
