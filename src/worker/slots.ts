import type { DeclaredOperation, ResourceType } from "../core/definition/resource-type.ts";
import type { Grant } from "../core/ports/messages.ts";
import type { ClaimSlots } from "../core/ports/store.ts";

interface TypeSlots {
  readonly type: string;
  readonly kinds: readonly string[];
  /** The kinds that are declared `isolated`. */
  readonly isolatedKinds: readonly string[];
  readonly concurrency: number;
  used: number;
  /** True if no slot was free after the last claim, so more operations may be due. */
  wantsMore: boolean;
}

/** The capacity of this worker, by type and kind. */
export class WorkerSlots {
  readonly #byType = new Map<string, TypeSlots>();
  readonly #freeProcesses: () => number;
  /** Alternates the last slot of a type between its isolated and its other kinds. */
  #favorsIsolated = false;
  #isRetryForSkippedKinds = false;

  /** @param freeProcesses returns the number of free processes for `isolated` work */
  constructor(types: readonly ResourceType[], freeProcesses: () => number) {
    this.#freeProcesses = freeProcesses;
    for (const { name, operations, concurrency } of types) {
      const worked = [...operations.values()].filter(({ work }) => work !== undefined);
      if (worked.length === 0) continue;
      this.#byType.set(name, {
        type: name,
        kinds: kindsOf(worked, false),
        isolatedKinds: kindsOf(worked, true),
        concurrency: Math.max(1, Math.floor(concurrency)),
        used: 0,
        wantsMore: true,
      });
    }
  }

  /** The types that this worker runs. */
  get types(): readonly string[] {
    return [...this.#byType.keys()];
  }

  /** Returns the slots to claim for. Types share the free processes; each type with isolated work gets at least one. */
  free(): ClaimSlots[] {
    this.#favorsIsolated = !this.#favorsIsolated;
    const all = [...this.#byType.values()];
    const processes = Math.max(0, this.#freeProcesses());
    const sharers = all.filter(({ isolatedKinds }) => isolatedKinds.length > 0).length;
    const share = Math.min(processes, Math.max(1, Math.floor(processes / Math.max(1, sharers))));
    return all.flatMap((slots) => this.#freeSlotsOf(slots, share));
  }

  /**
   * Acquires a slot for an operation that is about to be accepted. Undefined if none is free, if operations that wait
   * longer may be due, or for isolated kinds.
   */
  reserve(type: string, kind: string): { readonly kinds: readonly string[]; readonly free: number } | undefined {
    const slots = this.#byType.get(type);
    if (slots === undefined || slots.wantsMore || !slots.kinds.includes(kind)) return undefined;
    const free = slots.concurrency - slots.used - 1;
    if (free < 0) return undefined;
    slots.used++;
    return { kinds: [...slots.kinds, ...slots.isolatedKinds], free };
  }

  acquire(type: string): void {
    const slots = this.#byType.get(type);
    if (slots !== undefined) slots.used++;
  }

  /** Releases a slot. Returns true if the type had no free slot at its last claim. */
  release(type: string): boolean {
    const slots = this.#byType.get(type);
    if (slots === undefined) return false;
    slots.used--;
    return slots.wantsMore;
  }

  /**
   * Called after a claim, or in place of one if nothing is free. A type without a free slot claims again once one is released.
   *
   * @returns true if another claim may return more at once
   */
  onClaimed(requested: readonly ClaimSlots[], grants: readonly Grant[]): boolean {
    const isProcessPoolFull = this.#freeProcesses() <= 0;
    for (const slots of this.#byType.values()) {
      slots.wantsMore = slots.used >= slots.concurrency || (isProcessPoolFull && slots.isolatedKinds.length > 0);
    }
    const isFilled = requested.some(({ type, kinds, free }) => {
      const granted = grants.filter((grant) => grant.type === type && kinds.includes(grant.kind)).length;
      return granted >= free && this.#byType.get(type)?.wantsMore === false;
    });
    // The last slot of a type went to one group of kinds; the other group gets one claim before this worker pauses.
    this.#isRetryForSkippedKinds = !this.#isRetryForSkippedKinds && !isFilled && this.#isKindGroupSkipped(requested);
    return isFilled || this.#isRetryForSkippedKinds;
  }

  #freeSlotsOf({ type, kinds, isolatedKinds, concurrency, used }: TypeSlots, share: number): ClaimSlots[] {
    const free = concurrency - used;
    const half = this.#favorsIsolated ? Math.ceil(free / 2) : Math.floor(free / 2);
    const wanted = kinds.length === 0 ? free : half;
    const isolated = isolatedKinds.length === 0 ? 0 : Math.min(share, wanted);
    const claims = [
      { type, kinds, free: kinds.length === 0 ? 0 : free - isolated },
      { type, kinds: isolatedKinds, free: isolated },
    ];
    return claims.filter((claim) => claim.free > 0);
  }

  #isKindGroupSkipped(requested: readonly ClaimSlots[]): boolean {
    return [...this.#byType.values()].some(({ type, kinds, isolatedKinds, wantsMore }) => {
      const groups = requested.filter((claim) => claim.type === type).length;
      return !wantsMore && kinds.length > 0 && isolatedKinds.length > 0 && groups === 1;
    });
  }
}

function kindsOf(operations: readonly DeclaredOperation[], isolated: boolean): string[] {
  return operations.filter(({ policy }) => policy.isolated === isolated).map(({ kind }) => kind);
}
