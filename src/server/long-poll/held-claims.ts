import type { Broker } from "../../core/ports/broker.ts";
import type { ClaimPlaces, Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { HttpRequest } from "../http/exchange.ts";

export interface DueHoldsParts {
  readonly broker: Pick<Broker, "onWake">;
  readonly store: Pick<Store, "nextDueAt">;
  readonly clock: Clock;
}

/** Holds claims of workers that no broker wakes, until there is something to claim. */
export interface DueHolds {
  /** Resolves once an operation of these types and kinds may be due, after `ms` at the latest. */
  readonly hold: (places: readonly ClaimPlaces[], ms: number, request: Pick<HttpRequest, "onGone">) => Promise<void>;
  /** Releases all. */
  readonly close: () => void;
}

export function createDueHolds({ broker, store, clock }: DueHoldsParts): DueHolds {
  const held = new Set<() => void>();
  let isClosed = false;
  return {
    async hold(places, ms, request) {
      if (isClosed) return;
      const over = Promise.withResolvers<void>();
      const release = (): void => over.resolve();
      held.add(release);
      let takeBackDue = (): void => {};
      // A wake-up says that there may be something: it can come before its commit, and others hear it too.
      const look = async (): Promise<void> => {
        const dueAt = await store.nextDueAt(places);
        takeBackDue();
        if (dueAt !== undefined && held.has(release)) takeBackDue = clock.after(dueAt - clock.now(), release);
      };
      const takeBacks = [
        clock.after(ms, release),
        request.onGone(release),
        // Listened first, then looked: what becomes due from now on wakes. Where nobody can look, the claim says why.
        broker.onWake([...new Set(places.map(({ type }) => type))], () => void look().catch(release)),
        () => takeBackDue(),
      ];
      try {
        await look();
        await over.promise;
      } finally {
        held.delete(release);
        for (const takeBack of takeBacks) takeBack();
      }
    },
    close() {
      isClosed = true;
      for (const release of held) release();
    },
  };
}
