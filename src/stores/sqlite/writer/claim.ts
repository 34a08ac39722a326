import { eventChange } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ClaimSlots, ClaimRequest, GrantedOperation } from "../../../core/ports/store.ts";
import { reduceChange } from "../../../core/state-machine/fold.ts";
import { ReplySize } from "../../../core/state-machine/size.ts";
import { writeChange } from "../../apply-change.ts";
import { number } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { SqliteRow } from "../tables/resources.ts";
import type { Tables } from "../tables/tables.ts";

/** Hands out due operations within the transaction under way. */
export type Claiming = (request: ClaimRequest) => readonly GrantedOperation[];

interface Due {
  readonly row: number;
  readonly dueAt: number;
}

export function createClaiming(tables: Tables, policies: Policies): Claiming {
  const { database, resources, claims, undoLog } = tables;
  const due = createDueFinder(tables);
  const selectClaimed = prepareRows(database, "select row from resources where worker = ? and claim = ? order by row");

  const slotsOf = (rows: readonly number[]): SqliteRow[] =>
    rows.map((row) => resources.byRow(row)).filter((slot) => slot !== undefined);

  const grant = (slot: SqliteRow, { worker, claim, at }: ClaimRequest, reply: ReplySize): GrantedOperation[] => {
    const { resource } = slot;
    if (resource === undefined || !reply.fits(resource)) return [];
    const target = { operation: resource.operation.id };
    const folded = reduceChange(
      policies,
      resource,
      eventChange(target, { event: "claimed", worker, claim }, { at, random: 0 }),
    );
    if (folded.outcome !== "applied" || folded.resource === undefined) return [];
    reply.add(resource);
    writeChange(tables, slot, folded);
    return [grantedOf(tables, slot)].filter((granted) => granted !== undefined);
  };

  return (request) => {
    const { worker, claim, at } = request;
    const newest = claims.get(worker);
    if (newest !== undefined && claim <= newest) {
      // What was put so far must be in the table, for it is the table that is asked.
      resources.flush();
      const rows = selectClaimed.all(worker, claim).map(([row]) => number(row));
      return slotsOf(rows)
        .map((slot) => grantedOf(tables, slot))
        .filter((granted) => granted !== undefined);
    }
    claims.set(worker, claim);
    undoLog.add(() => {
      if (newest === undefined) claims.delete(worker);
      else claims.set(worker, newest);
    });
    const reply = new ReplySize();
    return request.slots.flatMap((places) =>
      slotsOf(due(places, at).map(({ row }) => row)).flatMap((slot) => grant(slot, request, reply)),
    );
  };
}

function grantedOf({ records, received }: Tables, { rowId: row, resource }: SqliteRow): GrantedOperation | undefined {
  if (resource === undefined) return undefined;
  const { root, steps, receivedCount: count } = resource.operation;
  return {
    resource,
    records: steps === 0 ? [] : records.all(root),
    received: count === 0 ? [] : received.all(row, root),
  };
}

/** Finds what is due at an instant, the oldest due first over all kinds: as many as there are free places. */
function createDueFinder({ database, resources }: Tables): (places: ClaimSlots, at: number) => Due[] {
  const selectDue = prepareRows(
    database,
    "select row, due_at from resources where type = ? and kind = ? and due_at <= ? order by due_at, row limit ?",
  );

  /** By the table, in which each kind has its own stretch of the index. */
  const dueInTable = ({ type, kinds, free }: ClaimSlots, at: number): Due[] => {
    // Those that were changed since may stand before those that count; what is new does not stand there at all.
    const stale = [...resources.unwritten.values()].filter(({ stored }) => stored !== undefined).length;
    const limit = free + stale;
    return kinds
      .flatMap((kind) => selectDue.all(type, kind, at, limit))
      .map(([row, dueAt]) => ({ row: number(row), dueAt: number(dueAt) }))
      .filter(({ row }) => !resources.unwritten.has(row));
  };

  /** Of what this transaction has changed: it is written once, as the claim leaves it. */
  const dueUnwritten = ({ type, kinds }: ClaimSlots, at: number): Due[] =>
    [...resources.unwritten.values()].flatMap(({ rowId: row, resource }) => {
      if (resource === undefined || resource.type !== type) return [];
      const { kind, dueAt } = resource.operation;
      if (dueAt === null || !kinds.includes(kind)) return [];
      // As it will be written.
      const whole = Math.round(dueAt);
      return whole <= at ? [{ row, dueAt: whole }] : [];
    });

  return (places, at) =>
    [...dueInTable(places, at), ...dueUnwritten(places, at)]
      .toSorted((a, b) => a.dueAt - b.dueAt || a.row - b.row)
      .slice(0, places.free);
}
