import type { Broker } from "../../core/ports/broker.ts";
import type { ClaimSlots, Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpRequest } from "../http/exchange.ts";

export interface WaitingClaimsParts {
  readonly broker: Pick<Broker, "onWake">;
  readonly store: Pick<Store, "nextDueAt">;
  readonly clock: Clock;
}

/** Long polling of workers that claim over HTTP, which no broker wakes. */
export interface WaitingClaims {
  /** Resolves when an operation for these slots may be due, after `ms` at the latest. */
  readonly waitUntilDue: (
    slots: readonly ClaimSlots[],
    ms: number,
    request: Pick<HttpRequest, "onGone">,
  ) => Promise<void>;
  /** Releases all waiting claims. */
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
      // A wake-up is only a hint: it may arrive before its commit, and other workers receive it too.
      const scheduleRelease = async (): Promise<void> => {
        const dueAt = await store.nextDueAt(slots);
        cancelDue();
        if (dueAt !== undefined && releases.has(release)) cancelDue = clock.after(dueAt - clock.now(), release);
      };
      const cancels = [
        clock.after(ms, release),
        request.onGone(release),
        // Subscribed before the first read, so that no operation is missed. If the read fails, the claim reports the
        // error.
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
