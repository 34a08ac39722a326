import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { checkedProgress } from "../external/message-check.ts";
import { progressOf } from "../workers/recorder.ts";
import { type Ask, asking, type AskParts, store } from "./refresh.ts";
import { Questions } from "./single-flight.ts";

/** How long a worker may take to send its progress. */
const FLUSH_MS = 250;

/** Asks the workers that hold attempts of types with `liveStatus`. */
export interface Live {
  readonly of: (type: ResourceType) => Ask | undefined;
  readonly close: () => void;
}

export function createLive(parts: AskParts): Live {
  const { broker, clock, complain } = parts;
  const questions = new Questions({ clock, waitMs: FLUSH_MS, onLate: () => {} });

  const flushed = async (resource: Resource, worker: string): Promise<Resource | undefined> => {
    const { id, attempt, sequence } = resource.operation;
    try {
      const said = await broker.flush(worker, id, FLUSH_MS);
      if (said === undefined) return undefined;
      const message = broker.isShared === true ? checkedProgress(said) : said;
      if (message.attempt !== attempt || message.sequence <= sequence) return undefined;
      return await store(parts, resource, progressOf(message, clock.now()));
    } catch (error) {
      complain({ type: resource.type, id: resource.id, error }, "the latest progress of a worker could not be stored");
      return undefined;
    }
  };

  return {
    of({ liveStatus }) {
      if (!liveStatus) return undefined;
      return asking((resource) => {
        const { worker, state } = resource.operation;
        if (worker === null || state !== "running") return undefined;
        return questions.ask(resource, () => flushed(resource, worker));
      });
    },
    close: () => questions.close(),
  };
}
