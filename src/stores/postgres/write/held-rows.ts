import type { Change } from "../../../core/change.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";

/** A row that a transaction of the application has locked. */
export interface LockedRow extends ResourceKey {
  readonly operation: string;
}

/** Pause before a change of a held row is tried again. Until then, it is refused without a statement. */
const RECHECK_MS = 100;

/** The same for a change that waits for the insert of a transaction, which only a timeout detects. */
const RECHECK_INSERT_MS = 2000;

/** Maximum number of remembered names. Forgetting one costs a timeout. */
const MAX_NAMES = 10_000;

/**
 * The rows that long transactions of the application hold. Batches with a change of such a row do not wait for it, so
 * that all other changes go on.
 */
export class HeldRows {
  readonly #clock: Pick<Clock, "monotonic">;
  /** The instants at which changes are tried again, by name of the row. */
  readonly #recheckAt = new Map<string, number>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Returns true if a change concerns a row that was held at the last try. */
  mayBeHeld(change: Change): boolean {
    return this.#recheckAt.size > 0 && namesOf(change).some((name) => this.#recheckAt.has(name));
  }

  /** Returns true if a change concerns a row that was held a moment ago. */
  isHeld(change: Change): boolean {
    if (this.#recheckAt.size === 0) return false;
    const now = this.#clock.monotonic();
    return namesOf(change).some((name) => now < (this.#recheckAt.get(name) ?? now));
  }

  addRows(rows: readonly LockedRow[]): void {
    for (const row of rows) this.#add([resourceKeyText(row), row.operation], RECHECK_MS);
  }

  addInsert(change: Change): void {
    this.#add(namesOf(change), RECHECK_INSERT_MS);
  }

  remove(changes: readonly Change[]): void {
    if (this.#recheckAt.size === 0) return;
    for (const change of changes) for (const name of namesOf(change)) this.#recheckAt.delete(name);
  }

  #add(names: readonly string[], pauseMs: number): void {
    const recheckAt = this.#clock.monotonic() + pauseMs;
    for (const name of names) this.#recheckAt.set(name, recheckAt);
    for (const name of this.#recheckAt.keys()) {
      if (this.#recheckAt.size <= MAX_NAMES) break;
      this.#recheckAt.delete(name);
    }
  }
}

/** Returns true if a change concerns one of these rows. */
export function concernsRow(rows: readonly LockedRow[]): (change: Change) => boolean {
  const names = new Set(rows.flatMap((row) => [resourceKeyText(row), row.operation]));
  return (change) => namesOf(change).some((name) => names.has(name));
}

/** Returns the rows whose parents are locked: to settle them, a change also writes their parents. */
export function childrenOf(
  locked: readonly LockedRow[],
  rows: readonly { readonly resource: Resource | undefined }[],
): readonly LockedRow[] {
  const names = new Set(locked.map(resourceKeyText));
  return rows.flatMap(({ resource }) => {
    if (resource === undefined || resource.parent === null || !names.has(resourceKeyText(resource.parent))) return [];
    const { type, id, operation } = resource;
    return [{ type, id, operation: operation.id }];
  });
}

/** Returns the names of the rows that a change writes, as far as it names them. */
function namesOf(change: Change): readonly string[] {
  const { idempotency } = change;
  const names = [change.change === "accept" ? resourceKeyText(change.key) : targetName(change.target)];
  if (idempotency !== undefined) names.push(`reply ${idempotency.principal}\0${idempotency.key}`);
  if (change.change === "accept" && change.operation.turn !== undefined) {
    names.push(`turn ${change.key.type}\0${change.operation.turn}`);
  }
  if (change.change === "event" && change.event.event === "recorded" && change.event.child !== undefined) {
    names.push(resourceKeyText(change.event.child));
  }
  return names;
}

function targetName(target: ResourceKey | { readonly operation: string }): string {
  return "operation" in target ? target.operation : resourceKeyText(target);
}
