import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { checkedProgress } from "../external/message-check.ts";
import { progressEvent } from "../workers/recorder.ts";
import { type Refresh, createRefresh, type RefreshParts, storeObserved } from "./refresh.ts";
import { SingleFlight } from "./single-flight.ts";

/** Maximum time for a worker to send its progress. */
const FLUSH_TIMEOUT_MS = 250;

/** Requests the latest progress from workers that run attempts of types with `liveStatus`. */
export interface LiveStatus {
  readonly refreshOf: (type: ResourceType) => Refresh | undefined;
  readonly close: () => void;
}

export function createLiveStatus(parts: RefreshParts): LiveStatus {
  const { broker, clock, warnThrottled } = parts;
  const flights = new SingleFlight({ clock, waitMs: FLUSH_TIMEOUT_MS, onLate: () => {} });

  const flush = async (resource: Resource, worker: string): Promise<Resource | undefined> => {
    const { id, attempt, sequence } = resource.operation;
    try {
      const received = await broker.flush(worker, id, FLUSH_TIMEOUT_MS);
      if (received === undefined) return undefined;
      const message = broker.isShared === true ? checkedProgress(received) : received;
      if (message.attempt !== attempt || message.sequence <= sequence) return undefined;
      return await storeObserved(parts, resource, progressEvent(message, clock.now()));
    } catch (error) {
      warnThrottled({ type: resource.type, id: resource.id, error }, "failed to store the latest progress of a worker");
      return undefined;
    }
  };

  return {
    refreshOf({ liveStatus }) {
      if (!liveStatus) return undefined;
      return createRefresh((resource) => {
        const { worker, state } = resource.operation;
        if (worker === null || state !== "running") return undefined;
        return flights.run(resource, () => flush(resource, worker));
      });
    },
    close: () => flights.close(),
  };
}
