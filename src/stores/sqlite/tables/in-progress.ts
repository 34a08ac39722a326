import type { DatabaseSync } from "node:sqlite";
import { isInProgress } from "../../../core/operation.ts";
import type { TypeCount } from "../../../core/ports/reporting.ts";
import type { Resource } from "../../../core/resource.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { UndoLog } from "./undo-log.ts";

/**
 * The number of resources in progress. It is counted once at the opening and updated by every write, so reading it is
 * free.
 */
export interface InProgress {
  ofType(type: string): number;
  ofOwner(owner: string): number;
  counts(): readonly TypeCount[];
  /** Updates the counts for a row that changes from `before` to `after`. */
  move(before: Resource | undefined, after: Resource | undefined): void;
}

export function countInProgress(database: DatabaseSync, undoLog: UndoLog): InProgress {
  const byLabel = new Map<string, TypeCount>();
  const byType = new Map<string, number>();
  const byOwner = new Map<string, number>();

  const addOfOwner = (owner: string, more: number): void => {
    const count = (byOwner.get(owner) ?? 0) + more;
    // Owners without anything in progress are removed: there may be many of them.
    if (count === 0) byOwner.delete(owner);
    else byOwner.set(owner, count);
  };
  const add = (type: string, status: string, state: string, more: number): void => {
    byType.set(type, (byType.get(type) ?? 0) + more);
    const key = `${type}\0${state}\0${status}`;
    const count = (byLabel.get(key)?.count ?? 0) + more;
    if (count === 0) byLabel.delete(key);
    else byLabel.set(key, { type, status, state, count });
  };
  const addResource = ({ type, status, owner, operation: { state } }: Resource, more: number): void => {
    add(type, status, state, more);
    if (owner !== null) addOfOwner(owner, more);
  };
  const step = (resource: Resource, more: 1 | -1): void => {
    addResource(resource, more);
    undoLog.add(() => addResource(resource, -more));
  };

  // Uses the index of rows in progress. SQLite would choose an index that has types in order, and read every row.
  const rows = prepareRows(
    database,
    `select type, status, state, count(*) from resources indexed by resources_active
    where next_deadline_at is not null group by type, status, state`,
  );
  for (const [type, status, state, count] of rows.all()) add(text(type), text(status), text(state), number(count));

  const owners = prepareRows(
    database,
    "select owner from resources indexed by resources_active where next_deadline_at is not null and owner is not null",
  );
  for (const [owner] of owners.all()) addOfOwner(text(owner), 1);

  return {
    ofType: (type) => byType.get(type) ?? 0,
    ofOwner: (owner) => byOwner.get(owner) ?? 0,
    counts: () => [...byLabel.values()],
    move(before, after) {
      const from = before !== undefined && isInProgress(before.operation) ? before : undefined;
      const to = after !== undefined && isInProgress(after.operation) ? after : undefined;
      const same = from?.status === to?.status && from?.operation.state === to?.operation.state;
      if (same && from !== undefined && to !== undefined) return;
      if (from !== undefined) step(from, -1);
      if (to !== undefined) step(to, 1);
    },
  };
}
