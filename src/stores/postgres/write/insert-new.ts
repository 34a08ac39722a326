import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { Applied } from "../../../core/ports/store.ts";
import type { Connections } from "../connection/connections.ts";
import { Fault } from "../connection/faults.ts";
import { insertion, type Statement, tableName } from "../connection/statement.ts";
import { type Draft, NOTHING_READ } from "../tables/draft.ts";
import { HISTORY, historyArrays } from "../tables/history.ts";
import { MADE, madeArrays } from "../tables/resource-table.ts";
import { type Folded, foldOver } from "./apply.ts";
import { isOfNew, type Wanted } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

/**
 * Applies changes that begin something new as though nothing were stored, in one round trip: where something is, the rows collide with
 * it, and none is stored.
 *
 * @returns undefined where they have to be applied over what is stored
 * @throws Fault that has nothing to do with what is stored
 */
export type Making = (
  changes: readonly Change[],
  wanted: Wanted,
  onSent: () => void,
) => Promise<readonly Applied[] | undefined>;

export interface MakingParts {
  readonly schema: string;
  readonly connections: Connections;
  readonly rowNumbers: RowNumbers;
  readonly policies: Policies;
}

export function createMaking({ schema, connections, rowNumbers, policies }: MakingParts): Making {
  const make: Statement = {
    name: "make resources",
    // One statement, for it stores all or nothing by itself.
    text: `with made as (${insertion(tableName(schema, "resources"), MADE)})
      ${insertion(tableName(schema, "history"), HISTORY, MADE.length + 1)}`,
  };

  const folded = (changes: readonly Change[], { makes }: Wanted): Folded | undefined => {
    const freeRows = isOfNew(changes) ? rowNumbers.take(makes) : undefined;
    if (freeRows === undefined) return undefined;
    const over = foldOver({ ...NOTHING_READ, freeRows }, policies, changes);
    // What makes no row collides with nothing.
    return over.applied.every(({ outcome }) => outcome === "applied") ? over : undefined;
  };

  const send = async ({ resources, writes }: Draft): Promise<void> =>
    connections.once(make, [...madeArrays(resources), ...historyArrays(writes)]);

  return async (changes, wanted, onSent) => {
    const unread = folded(changes, wanted);
    if (unread === undefined) return undefined;
    try {
      const sent = send(unread.draft);
      onSent();
      await sent;
      return unread.applied;
    } catch (error) {
      if (!mayBeStored(error)) throw error;
      rowNumbers.forget();
      return undefined;
    }
  };
}

/** True where rows were there, or nobody knows whether they are now. */
function mayBeStored(error: unknown): boolean {
  return error instanceof Fault && (error.kind === "race" || error.kind === "lost");
}
