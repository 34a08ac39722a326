import type { DeclaredOperation, ResourceType } from "../core/definition/resource-type.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ClaimPlaces } from "../core/ports/store.ts";

interface Place {
  readonly type: string;
  readonly kinds: readonly string[];
  /** Those that are declared to run in a process of their own. */
  readonly isolatedKinds: readonly string[];
  readonly concurrency: number;
  taken: number;
  /** Nothing was free after the last claim: there may be more to do. */
  isHungry: boolean;
}

/** How many operations of which types and kinds this worker can take on. */
export class Places {
  readonly #places = new Map<string, Place>();
  readonly #isolatedFree: () => number;
  /** Between kinds of a type that share its last place: whose turn it is. */
  #isIsolatedsTurn = false;
  #isSecondTry = false;

  /** @param isolatedFree how many processes are free for work that is declared to run in one */
  constructor(types: readonly ResourceType[], isolatedFree: () => number) {
    this.#isolatedFree = isolatedFree;
    for (const { name, operations, concurrency } of types) {
      const worked = [...operations.values()].filter(({ policy, work }) => !policy.external && work !== undefined);
      if (worked.length === 0) continue;
      this.#places.set(name, {
        type: name,
        kinds: kindsOf(worked, false),
        isolatedKinds: kindsOf(worked, true),
        concurrency: Math.max(1, Math.floor(concurrency)),
        taken: 0,
        isHungry: true,
      });
    }
  }

  /** The types that this worker works. */
  get types(): readonly string[] {
    return [...this.#places.keys()];
  }

  /** What to claim for. Types share the free processes; each that could use one is left one at least. */
  free(): ClaimPlaces[] {
    this.#isIsolatedsTurn = !this.#isIsolatedsTurn;
    const places = [...this.#places.values()];
    const processes = Math.max(0, this.#isolatedFree());
    const users = places.filter(({ isolatedKinds }) => isolatedKinds.length > 0).length;
    const share = Math.min(processes, Math.max(1, Math.floor(processes / Math.max(1, users))));
    return places.flatMap((place) => this.#claimsOf(place, share));
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

  /**
   * After a claim, or in place of one where nothing is free: who has no place left asks again as soon as there is one.
   *
   * @returns true where another claim at once may bring more
   */
  claimed(asked: readonly ClaimPlaces[], grants: readonly Grant[]): boolean {
    const isCrowded = this.#isolatedFree() <= 0;
    for (const place of this.#places.values()) {
      place.isHungry = place.taken >= place.concurrency || (isCrowded && place.isolatedKinds.length > 0);
    }
    const isFilled = asked.some(({ type, kinds, free }) => {
      const granted = grants.filter((grant) => grant.type === type && kinds.includes(grant.kind)).length;
      return granted >= free && this.#places.get(type)?.isHungry === false;
    });
    // The last place of a type went to one sort of kinds; the other has its turn before this worker rests.
    this.#isSecondTry = !this.#isSecondTry && !isFilled && this.#isSkipped(asked);
    return isFilled || this.#isSecondTry;
  }

  #claimsOf({ type, kinds, isolatedKinds, concurrency, taken }: Place, share: number): ClaimPlaces[] {
    const free = concurrency - taken;
    const half = this.#isIsolatedsTurn ? Math.ceil(free / 2) : Math.floor(free / 2);
    const wanted = kinds.length === 0 ? free : half;
    const isolated = isolatedKinds.length === 0 ? 0 : Math.min(share, wanted);
    const claims = [
      { type, kinds, free: kinds.length === 0 ? 0 : free - isolated },
      { type, kinds: isolatedKinds, free: isolated },
    ];
    return claims.filter((claim) => claim.free > 0);
  }

  #isSkipped(asked: readonly ClaimPlaces[]): boolean {
    return [...this.#places.values()].some(({ type, kinds, isolatedKinds, isHungry }) => {
      const sorts = asked.filter((claim) => claim.type === type).length;
      return !isHungry && kinds.length > 0 && isolatedKinds.length > 0 && sorts === 1;
    });
  }
}

function kindsOf(operations: readonly DeclaredOperation[], isolated: boolean): string[] {
  return operations.filter(({ policy }) => policy.isolated === isolated).map(({ kind }) => kind);
}
