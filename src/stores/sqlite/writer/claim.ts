import type { Policies } from "../../../core/policy.ts";
import type { ClaimSlots, ClaimRequest, GrantedOperation } from "../../../core/ports/store.ts";
import { ReplySize } from "../../../core/state-machine/size.ts";
import { claimRow, type DueQuery } from "../../apply-change.ts";
import { number } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { SqliteRow } from "../tables/resources.ts";
import type { Tables } from "../tables/tables.ts";
import { createTurnClaiming } from "./turn-claims.ts";

/** Claims due operations within the current transaction. */
export type Claiming = (request: ClaimRequest) => readonly GrantedOperation[];

interface DueRow {
  readonly rowId: number;
  readonly dueAt: number;
}

/** @param isFull returns true while the disk is full: then only deletes are granted */
export function createClaiming(tables: Tables, policies: Policies, isFull: () => boolean = () => false): Claiming {
  const { database, resources, claims, undoLog } = tables;
  const findDue = createDueFinder(tables);
  const claimTurns = createTurnClaiming(tables, policies);
  const selectClaimed = prepareRows(
    database,
    `select row from resources where worker = ? and next_deadline_at is not null and claim = ? order by next_deadline_at, row`,
  );

  const rowsOf = (rowIds: readonly number[]): SqliteRow[] =>
    rowIds.map((rowId) => resources.byRow(rowId)).filter((row) => row !== undefined);

  const grant = (row: SqliteRow, request: ClaimRequest, reply: ReplySize): GrantedOperation[] => {
    const { resource } = row;
    if (resource === undefined || !reply.fits(resource) || !claimRow(tables, policies, row, request)) return [];
    reply.add(resource);
    return [grantedOf(tables, row)].filter((granted) => granted !== undefined);
  };

  return (request) => {
    const { worker, claim, at } = request;
    const newest = claims.get(worker);
    if (newest !== undefined && claim <= newest) {
      // The table is queried, so it must contain every row that was put so far.
      resources.flush();
      const rowIds = selectClaimed.all(worker, claim).map(([rowId]) => number(rowId));
      return rowsOf(rowIds)
        .map((row) => grantedOf(tables, row))
        .filter((granted) => granted !== undefined);
    }
    const forget = (): void => {
      if (newest === undefined) claims.delete(worker);
      else claims.set(worker, newest);
    };
    claims.set(worker, claim);
    undoLog.add(forget);
    const reply = new ReplySize();
    const grants = request.slots.flatMap((slots) => {
      const granted = isFull() ? { ...slots, kinds: slots.kinds.filter((kind) => kind === "delete") } : slots;
      const rows = rowsOf(findDue(granted, at).map(({ rowId }) => rowId)).flatMap((row) => grant(row, request, reply));
      const free = granted.free - rows.length;
      return [
        ...rows,
        ...claimTurns({ ...granted, free }, at, (rowId) =>
          rowsOf([rowId]).flatMap((row) => grant(row, request, reply)),
        ),
      ];
    });
    // The worker repeats an empty claim of a full disk under the same number.
    if (grants.length === 0 && isFull()) forget();
    return grants;
  };
}

function grantedOf({ records, received }: Tables, { rowId, resource }: SqliteRow): GrantedOperation | undefined {
  if (resource === undefined) return undefined;
  const { root, steps, receivedCount: count } = resource.operation;
  return {
    resource,
    records: steps === 0 ? [] : records.all(root),
    received: count === 0 ? [] : received.all(rowId, root),
  };
}

/** Creates the count of due operations, without those that take turns. */
export function createDueCounting({ database, resources }: Tables): (query: DueQuery) => number {
  const selectDue = prepareRows(
    database,
    "select row from resources where type = ? and kind = ? and due_at <= ? limit ?",
  );
  const isDue = ({ resource }: SqliteRow, { type, kinds, at }: DueQuery): boolean => {
    if (resource === undefined || resource.type !== type) return false;
    const { kind, dueAt, turn } = resource.operation;
    return dueAt !== null && turn === null && dueAt <= at && kinds.includes(kind);
  };
  return (query) => {
    let count = 0;
    // Rows changed by this transaction are stale in the table.
    for (const row of resources.unwritten.values()) if (isDue(row, query)) count++;
    for (const kind of query.kinds) {
      if (count >= query.max) break;
      const rows = selectDue.all(query.type, kind, query.at, query.max - count + resources.unwritten.size);
      for (const [row] of rows) if (!resources.unwritten.has(number(row))) count++;
    }
    return Math.min(count, query.max);
  };
}

/**
 * Finds the operations due at an instant, the oldest due first over all kinds: at most as many as there are free slots.
 */
function createDueFinder({ database, resources }: Tables): (slots: ClaimSlots, at: number) => DueRow[] {
  const selectDue = prepareRows(
    database,
    "select row, due_at from resources where type = ? and kind = ? and due_at <= ? order by due_at, row limit ?",
  );

  /** Finds due rows in the table, where each kind has its own range of the index. */
  const dueInTable = ({ type, kinds, free }: ClaimSlots, at: number): DueRow[] => {
    // Rows changed by this transaction are stale in the table, and may come first. New rows are not in the table at
    // all.
    const stale = [...resources.unwritten.values()].filter(({ stored }) => stored !== undefined).length;
    const limit = free + stale;
    return kinds
      .flatMap((kind) => selectDue.all(type, kind, at, limit))
      .map(([rowId, dueAt]) => ({ rowId: number(rowId), dueAt: number(dueAt) }))
      .filter(({ rowId }) => !resources.unwritten.has(rowId));
  };

  /** Finds due rows that this transaction has changed. Each is written once, as the claim leaves it. */
  const dueUnwritten = ({ type, kinds }: ClaimSlots, at: number): DueRow[] =>
    [...resources.unwritten.values()].flatMap(({ rowId, resource }) => {
      if (resource === undefined || resource.type !== type) return [];
      const { kind, dueAt } = resource.operation;
      if (dueAt === null || !kinds.includes(kind)) return [];
      // Rounded as it will be written.
      const whole = Math.round(dueAt);
      return whole <= at ? [{ rowId, dueAt: whole }] : [];
    });

  return (slots, at) =>
    [...dueInTable(slots, at), ...dueUnwritten(slots, at)]
      .toSorted((a, b) => a.dueAt - b.dueAt || a.rowId - b.rowId)
      .slice(0, slots.free);
}
