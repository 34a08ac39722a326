import type { Broker } from "../../core/ports/broker.ts";
import type { ClaimSlots, Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpRequest } from "../http/exchange.ts";

export interface WaitingClaimsParts {
  readonly broker: Pick<Broker, "onWake">;
  readonly store: Pick<Store, "nextDueAt">;
  readonly clock: Clock;
}

/** Holds claims of workers that no broker wakes, until there is something to claim. */
export interface WaitingClaims {
  /** Resolves once an operation of these types and kinds may be due, after `ms` at the latest. */
  readonly waitUntilDue: (
    slots: readonly ClaimSlots[],
    ms: number,
    request: Pick<HttpRequest, "onGone">,
  ) => Promise<void>;
  /** Releases all. */
  readonly close: () => void;
}

export function createWaitingClaims({ broker, store, clock }: WaitingClaimsParts): WaitingClaims {
  const releases = new Set<() => void>();
  let isClosed = false;
  return {
    async waitUntilDue(slots, ms, request) {
      if (isClosed) return;
      const released = Promise.withResolvers<void>();
      const release = (): void => released.resolve();
      releases.add(release);
      let cancelDue = (): void => {};
      // A wake-up says that there may be something: it can come before its commit, and others hear it too.
      const scheduleRelease = async (): Promise<void> => {
        const dueAt = await store.nextDueAt(slots);
        cancelDue();
        if (dueAt !== undefined && releases.has(release)) cancelDue = clock.after(dueAt - clock.now(), release);
      };
      const cancels = [
        clock.after(ms, release),
        request.onGone(release),
        // Listened first, then looked: what becomes due from now on wakes. Where nobody can look, the claim says why.
        broker.onWake([...new Set(slots.map(({ type }) => type))], () => void scheduleRelease().catch(release)),
        () => cancelDue(),
      ];
      try {
        await scheduleRelease();
        await released.promise;
      } finally {
        releases.delete(release);
        for (const cancel of cancels) cancel();
      }
    },
    close() {
      isClosed = true;
      for (const release of releases) release();
    },
  };
}
