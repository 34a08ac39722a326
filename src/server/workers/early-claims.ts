import type { AcceptChange } from "../../core/change.ts";
import { policyOf } from "../../core/policy.ts";
import type { Broker, Reservation } from "../../core/ports/broker.ts";
import type { ApplyResult } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { EarlyClaims } from "../storage/commit.ts";
import { createGranting, type GrantingParts } from "./claims.ts";

export interface EarlyClaimsParts extends GrantingParts {
  readonly broker: Pick<Broker, "reserve">;
  readonly clock: Clock;
}

/** Pause between reads of an operation while the store is unreachable. */
const RETRY_MS = 1000;

/**
 * Creates the claims of operations with their acceptance, by workers of this process that have a free slot: accept and
 * claim are one commit, and the work starts after it.
 */
export function createEarlyClaims(parts: EarlyClaimsParts): EarlyClaims {
  const { store, broker, policies, clock } = parts;
  const granting = createGranting(parts);
  /** Starts the attempt after the response to the client is on its way. */
  const start = (reservation: Reservation, resource: Resource): void => {
    setImmediate(() => {
      const at = resource.operation.attemptAt ?? resource.operation.acceptedAt;
      granting([{ resource, records: [], received: [] }], at).then(([grant]) => {
        if (grant === undefined) reservation.release();
        else reservation.start(grant);
      }, reservation.release);
    });
  };
  /** Reads an operation until the store answers: its commit may have taken effect although it failed. */
  const find = async (operation: string, signal: AbortSignal): Promise<Resource | undefined> => {
    while (!signal.aborted) {
      try {
        const [resource] = await store.readByOperation([operation]);
        return resource;
      } catch {
        await pause(clock, RETRY_MS, signal);
      }
    }
    return undefined;
  };

  return (change) => {
    const { key, operation } = change;
    const { id, kind, turn, availableAt, retryOf } = operation;
    const isLater = turn !== undefined || availableAt !== undefined || retryOf !== undefined;
    if (isLater || policyOf(policies, key.type).turnLimit !== undefined) return undefined;
    const reservation = broker.reserve?.(key.type, kind);
    if (reservation === undefined) return undefined;
    const settle = (resource: Resource | undefined): void => {
      if (resource !== undefined && isClaimed(resource, change, reservation)) start(reservation, resource);
      else reservation.release();
    };
    return {
      claim: reservation.claim,
      onApplied: ({ resource }: ApplyResult) => settle(resource),
      onFailed: () => void find(id, reservation.signal).then(settle),
    };
  };
}

function isClaimed({ operation }: Resource, { operation: { id } }: AcceptChange, { claim }: Reservation): boolean {
  return operation.id === id && operation.worker === claim.worker && operation.claim === claim.claim;
}
