import type { Change } from "../../../core/change.ts";
import { AfootError } from "../../../core/errors.ts";
import type { ApplyResult, ClaimRequest, GrantedOperation, Store } from "../../../core/ports/store.ts";
import { batch } from "../../../core/scheduling/batch.ts";
import type { Applying, Outcome } from "./apply.ts";
import type { Claiming } from "./claim.ts";

/** The writing half of the store. Calls of the same event-loop tick share a transaction. */
export type Writer = Pick<Store, "apply" | "claim">;

export interface WriterOptions {
  readonly applying: Applying;
  readonly claiming: Claiming;
  /** Maximum number of concurrent groups of changes, each on a separate connection. */
  readonly maxConcurrentGroups: number;
}

export function createWriter({ applying, claiming, maxConcurrentGroups: groupsUnderWay }: WriterOptions): Writer {
  const apply = batch<ApplyCall, readonly Outcome[]>((calls) => applyCalls(applying, calls), {
    concurrency: groupsUnderWay,
  });
  const claim = batch<ClaimRequest, readonly GrantedOperation[]>((requests) => claimInRounds(claiming, requests));
  return {
    apply: async (changes, { maxClockDriftMs = Infinity } = {}) =>
      changes.length === 0 ? [] : appliedOf(await apply({ changes, maxClockDriftMs })),
    claim: (requests) => Promise.all(requests.map(claim)),
  };
}

interface ApplyCall {
  readonly changes: readonly Change[];
  readonly maxClockDriftMs: number;
}

/** Applies the changes of all calls, and returns to each call the outcomes of its changes. */
async function applyCalls(applying: Applying, calls: readonly ApplyCall[]): Promise<readonly (readonly Outcome[])[]> {
  const maxClockDriftMs = Math.min(...calls.map((call) => call.maxClockDriftMs));
  const outcomes = await applying(
    calls.flatMap(({ changes }) => changes),
    maxClockDriftMs,
  );
  let from = 0;
  return calls.map(({ changes }) => outcomes.slice(from, (from += changes.length)));
}

function appliedOf(outcomes: readonly Outcome[]): readonly ApplyResult[] {
  const refused = outcomes.flatMap((outcome) => ("refused" in outcome ? [outcome.refused] : []));
  if (refused.length > 0) throw new AfootError("store-refused", `The store cannot save this: ${refused.join("; ")}`);
  return outcomes.flatMap((outcome) => ("applied" in outcome ? [outcome.applied] : []));
}

/**
 * Runs claims in transactions with at most one claim of each worker, because a later claim must see the earlier one.
 */
async function claimInRounds(
  claiming: Claiming,
  requests: readonly ClaimRequest[],
): Promise<readonly (readonly GrantedOperation[])[]> {
  const grants = new Map<ClaimRequest, readonly GrantedOperation[]>();
  let remaining = requests;
  while (remaining.length > 0) {
    const workers = new Map<string, ClaimRequest>();
    for (const request of remaining) if (!workers.has(request.worker)) workers.set(request.worker, request);
    const round = [...workers.values()];
    const granted = await claiming(round);
    round.forEach((request, index) => grants.set(request, granted[index] ?? []));
    remaining = remaining.filter((request) => !grants.has(request));
  }
  return requests.map((request) => grants.get(request) ?? []);
}
