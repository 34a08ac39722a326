import type { DeclaredOperation, ResourceType } from "../core/resource-type.ts";
import type { ClaimPlaces } from "../core/store.ts";

interface Place {
  readonly type: string;
  readonly kinds: readonly string[];
  /** Those that are declared to run in a process of their own. */
  readonly isolatedKinds: readonly string[];
  readonly concurrency: number;
  taken: number;
  /** No place was left after the last claim: there may be more to do. */
  isHungry: boolean;
}

/** How many operations of which types and kinds this worker can take on. */
export class Places {
  readonly #places = new Map<string, Place>();
  readonly #isolatedFree: () => number;
  #isIsolatedsTurn = false;

  /** @param isolatedFree how many processes are free for work that is declared to run in one */
  constructor(types: readonly ResourceType[], isolatedFree: () => number) {
    this.#isolatedFree = isolatedFree;
    for (const { name, operations, concurrency } of types) {
      const worked = [...operations.values()].filter(({ policy, work }) => !policy.external && work !== undefined);
      if (worked.length === 0) continue;
      const kinds = kindsOf(worked, false);
      const isolatedKinds = kindsOf(worked, true);
      this.#places.set(name, {
        type: name, kinds, isolatedKinds, concurrency: Math.max(1, Math.floor(concurrency)), taken: 0, isHungry: true,
      });
    }
  }

  /** The types that this worker works. */
  get types(): readonly string[] {
    return [...this.#places.keys()];
  }

  /** What to claim for. */
  free(): ClaimPlaces[] {
    this.#isIsolatedsTurn = !this.#isIsolatedsTurn;
    let processes = this.#isolatedFree();
    return [...this.#places.values()].flatMap((place) => {
      const { type, kinds, isolatedKinds, concurrency, taken } = place;
      const free = concurrency - taken;
      const isolated = Math.min(processes, this.#isolatedShare(place, free));
      processes -= isolated;
      const claims = [
        { type, kinds, free: kinds.length === 0 ? 0 : free - isolated },
        { type, kinds: isolatedKinds, free: isolated },
      ];
      return claims.filter((claim) => claim.free > 0);
    });
  }

  take(type: string): void {
    const place = this.#places.get(type);
    if (place !== undefined) place.taken++;
  }

  /** Gives a place back. True where the type had none left when it was last claimed for. */
  giveBack(type: string): boolean {
    const place = this.#places.get(type);
    if (place === undefined) return false;
    place.taken--;
    return place.isHungry;
  }

  /** After a claim, or in place of one where nothing is free: who has no place left asks again as soon as there is one. */
  claimed(): void {
    const isCrowded = this.#isolatedFree() <= 0;
    for (const place of this.#places.values()) {
      place.isHungry = place.taken >= place.concurrency || (isCrowded && place.isolatedKinds.length > 0);
    }
  }

  /** Of a type with both sorts of kinds each is left half; the last place goes to one and the other in turn. */
  #isolatedShare({ kinds, isolatedKinds }: Place, free: number): number {
    if (isolatedKinds.length === 0) return 0;
    if (kinds.length === 0) return free;
    return this.#isIsolatedsTurn ? Math.ceil(free / 2) : Math.floor(free / 2);
  }
}

function kindsOf(operations: readonly DeclaredOperation[], isolated: boolean): string[] {
  return operations.filter(({ policy }) => policy.isolated === isolated).map(({ kind }) => kind);
}
