import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { EndMessage, EndReply, WorkerRequestKind, WorkerRequests } from "../../core/ports/messages.ts";
import type { Store } from "../../core/ports/store.ts";
import { checkedProgress, checkedRequest, InvalidMessageError, validateDetails } from "./message-check.ts";

export interface ExternalWorkerRequestsParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "readByOperation">;
  readonly handlers: WorkerMessageHandlers;
}

/** Handlers of unvalidated worker requests. They reject with InvalidMessageError. */
export type ExternalWorkerRequests = {
  readonly [Kind in WorkerRequestKind]: (message: unknown) => Promise<WorkerRequests[Kind]["reply"]>;
} & { readonly progress: (message: unknown) => void };

/**
 * Handles requests of workers in other processes, in any language. Validates the messages, and the details with which they end an
 * external operation; an app's own worker has validated those itself.
 */
export function externalWorkerRequests({
  types,
  store,
  handlers,
}: ExternalWorkerRequestsParts): ExternalWorkerRequests {
  const byName = new Map(types.map((type) => [type.name, type]));
  const isAnyExternal = types.some(({ operations }) => [...operations.values()].some(({ policy }) => policy.external));

  const end = async (message: EndMessage): Promise<EndReply> => {
    if (message.outcome !== "succeeded" || !isAnyExternal) return handlers.end(message);
    const [row] = await store.readByOperation([message.operation]);
    const type = row === undefined ? undefined : byName.get(row.type);
    const kind = row?.operation.kind ?? "";
    // A deleted resource has no details.
    if (type?.operations.get(kind)?.policy.external !== true || kind === "delete") return handlers.end(message);
    const { details, issues } = await validateDetails(type, JSON.parse(message.details), "/details");
    if (issues === undefined) return handlers.end({ ...message, details });
    return { result: "refused", code: "invalid-details", detail: new InvalidMessageError(issues).message };
  };

  return {
    claim: async (message) => handlers.claim(checkedRequest("claim", message)),
    record: async (message) => handlers.record(checkedRequest("record", message)),
    end: async (message) => end(checkedRequest("end", message)),
    beat: async (message) => handlers.beat(checkedRequest("beat", message)),
    progress: (message) => handlers.progress(checkedProgress(message)),
  };
}
