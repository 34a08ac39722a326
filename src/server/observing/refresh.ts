import { eventChange, stampOf } from "../../core/change.ts";
import { AfootError } from "../../core/errors.ts";
import type { OperationEvent } from "../../core/events.ts";
import type { Policies } from "../../core/policy.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { reduceChange } from "../../core/state-machine/reduce-change.ts";
import type { Commit } from "../storage/commit.ts";
import type { WarnThrottled } from "./throttled-warnings.ts";

export interface RefreshParts {
  readonly policies: Policies;
  readonly commit: Commit;
  readonly broker: Pick<Broker, "flush" | "isShared">;
  readonly clock: Clock;
  readonly warnThrottled: WarnThrottled;
}

/**
 * Reads fresher state of a resource from its worker or background process and stores it. Resolves to the stored row, so that a client
 * never sees state that is not durable. Resolves to the given resource if no valid answer arrives in time. Never rejects.
 */
export type Refresh = (resource: Resource) => Promise<Resource>;

/** Reads and stores fresher state. Resolves to the stored row, or to undefined if nothing was read. */
export type RefreshQuery = (resource: Resource) => Promise<Resource | undefined> | undefined;

export function createRefresh(query: RefreshQuery): Refresh {
  return async (resource) => {
    const refreshed = await query(resource);
    // A caller that joined a query already in flight may hold a newer row than the query started from.
    const isNewer = refreshed?.creation === resource.creation && refreshed.version >= resource.version;
    return isNewer ? refreshed : resource;
  };
}

/**
 * Stores observed state. Skips the write if it would change nothing.
 *
 * @throws AfootError `observation-refused` if the operation cannot accept it
 */
export async function storeObserved(
  { policies, commit, clock }: RefreshParts,
  resource: Resource,
  event: OperationEvent,
): Promise<Resource | undefined> {
  const change = eventChange({ operation: resource.operation.id }, event, stampOf(clock));
  const { outcome, code } = reduceChange(policies, resource, change);
  if (outcome === "refused") throw refusalError(code);
  if (outcome !== "applied") return resource;
  const [applied] = await commit([change]);
  if (applied?.outcome === "refused" && applied.resource !== undefined) throw refusalError(applied.code);
  return applied?.resource;
}

function refusalError(code: string | undefined): AfootError {
  return new AfootError("observation-refused", `The operation does not accept it: ${code}.`);
}
