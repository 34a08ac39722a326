import type { ObservedResource, ResourceType } from "../../core/definition/resource-type.ts";
import type { ObservedEvent } from "../../core/events.ts";
import { decodePrincipal } from "../../core/principal.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../core/resource.ts";
import { isObservable } from "../../core/state-machine/apply-observation.ts";
import { observedEvent } from "./observation.ts";
import { type Refresh, createRefresh, type RefreshParts, storeObserved } from "./refresh.ts";
import { SingleFlight } from "./single-flight.ts";

/** Maximum duration of a call of `observe`. */
const OBSERVE_TIMEOUT_MS = 2000;

/** Calls `observe` of the types that declare it. */
export interface ObserveRefresh {
  readonly refreshOf: (type: ResourceType) => Refresh | undefined;
  readonly close: () => void;
}

export function createObserveRefresh(parts: RefreshParts): ObserveRefresh {
  const { clock, warnThrottled } = parts;
  const flights = new SingleFlight({
    clock,
    waitMs: OBSERVE_TIMEOUT_MS,
    onLate: ({ type, id }) => warnThrottled({ type, id }, LATE_MESSAGE),
  });

  const observeAndStore = async (
    type: ResourceType,
    resource: Resource,
    signal: AbortSignal,
  ): Promise<Resource | undefined> => {
    try {
      const event = await observe(type, resource, signal);
      return event === undefined ? undefined : await storeObserved(parts, resource, event);
    } catch (error) {
      // A late result was logged already.
      if (!signal.aborted) warnThrottled({ type: type.name, id: resource.id, error }, FAILED);
      return undefined;
    }
  };

  return {
    refreshOf(type) {
      if (type.observe === undefined) return undefined;
      return createRefresh((resource) => {
        if (!isObservable(resource, type.policy, clock.now())) return undefined;
        return flights.run(resource, (signal) => observeAndStore(type, resource, signal));
      });
    },
    close: () => flights.close(),
  };
}

/** Calls `observe`. Returns its result as an event, and throws if it fails or if its result is invalid. */
export async function observe(
  type: ResourceType,
  resource: Resource,
  signal: AbortSignal,
): Promise<ObservedEvent | undefined> {
  const observed: unknown = await type.observe?.(observedResource(resource, signal));
  return observedEvent(observed, resource, type);
}

const LATE_MESSAGE = `observe did not return within ${OBSERVE_TIMEOUT_MS} ms; serving the stored state`;
const FAILED = "observe failed or returned an invalid result; serving the stored state";

function observedResource(resource: Resource, signal: AbortSignal): ObservedResource {
  const { id, status, operation, owner } = resource;
  return {
    id,
    status,
    configuration: JSON.parse(shownConfiguration(resource)),
    details: JSON.parse(shownDetails(resource)),
    kind: operation.settledAt === null ? operation.kind : undefined,
    operation: { id: operation.id },
    owner: owner ?? undefined,
    principal: operation.principal === null ? undefined : decodePrincipal(operation.principal),
    signal,
  };
}
