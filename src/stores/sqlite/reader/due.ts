import type { DatabaseSync } from "node:sqlite";
import type { ClaimSlots, OverdueOperation } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { COLUMN_LIST, resourceOf } from "../../resource-row.ts";
import { number, numberOrNull, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Records } from "../tables/records.ts";
import { TURN_SQL } from "../tables/turns.ts";

/** Queries of due and overdue operations. */
export interface DueReading {
  readonly nextDueAt: (slots: readonly Omit<ClaimSlots, "free">[]) => number | undefined;
  readonly overdue: (at: number, limit: number) => OverdueOperation[];
  readonly nextOverdueAt: () => number | undefined;
}

export function createDueReading(database: DatabaseSync, records: Records["all"]): DueReading {
  const dueAt = prepareRows(
    database,
    "select min(due_at) from resources where type = ? and kind = ? and due_at is not null",
  );
  const readyAt = prepareRows(database, TURN_SQL.nextReadyAt);
  const claimants = createClaimants(database);
  const overdue = prepareRows(
    database,
    `select next_deadline_at, row, ${COLUMN_LIST} from resources where worker is ? and next_deadline_at <= ?
     order by next_deadline_at, row limit ?`,
  );
  const overdueAt = prepareRows(
    database,
    "select min(next_deadline_at) from resources where worker is ? and next_deadline_at is not null",
  );

  const stepsNotUndone = ({ operation }: Resource): string[] => {
    if (operation.undoable === 0) return [];
    return records(operation.root)
      .filter(({ undo, state }) => undo && state !== "undone")
      .map(({ step }) => step);
  };

  return {
    nextDueAt(slots) {
      const pairs = slots.flatMap(({ type, kinds }) => kinds.map((kind) => [type, kind] as const));
      return earliest([
        ...pairs.map(([type, kind]) => numberOrNull(dueAt.get(type, kind)?.[0] ?? null)),
        ...slots.map(({ type, kinds }) => numberOrNull(readyAt.get(type, JSON.stringify(kinds))?.[0] ?? null)),
      ]);
    },
    overdue: (at, limit) =>
      claimants()
        .flatMap((worker) => overdue.all(worker, at, limit))
        .toSorted((a, b) => number(a[0]) - number(b[0]) || number(a[1]) - number(b[1]))
        .slice(0, limit)
        .map((row) => {
          const resource = resourceOf(row.slice(2));
          return { resource, stepsNotUndone: stepsNotUndone(resource) };
        }),
    nextOverdueAt: () => earliest(claimants().map((worker) => numberOrNull(overdueAt.get(worker)?.[0] ?? null))),
  };
}

/**
 * Creates the read of the workers that have claimed operations, by a loose index scan, and null for the operations that
 * are unclaimed: rows in progress are in the order of their deadlines for each of them.
 */
function createClaimants(database: DatabaseSync): () => readonly (string | null)[] {
  const first = "select min(worker) from resources where next_deadline_at is not null and worker";
  const select = prepareRows(
    database,
    `with recursive found (worker) as (
      ${first} is not null
      union all
      select (${first} > found.worker) from found where found.worker is not null
    ) select worker from found where worker is not null`,
  );
  return () => [null, ...select.all().map(([worker]) => text(worker))];
}

function earliest(instants: readonly (number | null)[]): number | undefined {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}
