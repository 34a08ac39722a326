import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { Applied } from "../../../core/ports/store.ts";
import { applyChange } from "../../apply-change.ts";
import type { Connections } from "../connection/connections.ts";
import { Fault, messageOf } from "../connection/faults.ts";
import { createDraft, type Draft, type DraftStart } from "../tables/draft.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import type { BatchReading } from "./batch-reading.ts";
import type { Making } from "./insert-new.ts";
import { wantedOf } from "./read-set.ts";

/** What came of a change, or why the store cannot hold it. */
export type Outcome = { readonly applied: Applied } | { readonly refused: string };

/** Applies changes in their order. @throws Fault */
export type Applying = (changes: readonly Change[]) => Promise<readonly Outcome[]>;

export interface ApplyingParts {
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly readBatch: BatchReading;
  readonly make: Making;
  readonly policies: Policies;
}

/** How many changes share a transaction at most. */
const BATCH = 500;

export function createApplying({ connections, tables, readBatch, make, policies }: ApplyingParts): Applying {
  const inTurn = createTurns();

  const together = (changes: readonly Change[]): Promise<readonly Applied[]> => {
    const wanted = wantedOf(changes);
    return inTurn(async (pass) => {
      const made = await make(changes, wanted, pass);
      if (made !== undefined) return made;
      return connections.transaction(async (transaction) => {
        const start = await readBatch(transaction, wanted).finally(pass);
        const { draft, applied } = foldOver(start, policies, changes);
        await Promise.all([...writesOf(tables, transaction, draft), transaction.commit()]);
        return applied;
      });
    });
  };

  /** Halves a batch until what it was refused for stands alone. */
  const apart: Applying = async (changes) => {
    try {
      return (await together(changes)).map((applied) => ({ applied }));
    } catch (error) {
      if (!isOfEntry(error)) throw error;
      if (changes.length === 1) return [{ refused: messageOf(error) }];
    }
    const half = Math.ceil(changes.length / 2);
    return [...(await apart(changes.slice(0, half))), ...(await apart(changes.slice(half)))];
  };

  return async (changes) => {
    const outcomes: Outcome[] = [];
    for (let from = 0; from < changes.length; from += BATCH) {
      outcomes.push(...(await apart(changes.slice(from, from + BATCH))));
    }
    return outcomes;
  };
}

/**
 * Lets batches that are under way at once lock their rows one after the other, in the order in which they came: the next begins when
 * the one before calls `pass`, long before its commit.
 */
function createTurns(): <Result>(run: (pass: () => void) => Promise<Result>) => Promise<Result> {
  let last = Promise.resolve();
  return async (run) => {
    const before = last;
    const passed = Promise.withResolvers<void>();
    last = passed.promise;
    await before;
    try {
      return await run(passed.resolve);
    } finally {
      passed.resolve();
    }
  };
}

/** True for an error that says something of an entry: the database took it ill, it collides with what is stored, or it never got there. */
function isOfEntry(error: unknown): boolean {
  if (!(error instanceof Fault)) return true;
  return error.kind === "entry" || error.sqlState === "23505";
}

/** What came of a batch, before it is written. */
export interface Folded {
  readonly draft: Draft;
  readonly applied: readonly Applied[];
}

export function foldOver(start: DraftStart, policies: Policies, changes: readonly Change[]): Folded {
  const draft = createDraft(start);
  return { draft, applied: changes.map((change) => applyChange(draft, policies, change)) };
}
