import type { Policies } from "../../../src/core/policy.ts";
import type { ClaimRequest, ClaimSlots, GrantedOperation } from "../../../src/core/ports/store.ts";
import { ReplySize } from "../../../src/core/state-machine/size.ts";
import { claimRow } from "../../../src/stores/apply-change.ts";
import { interleave, MORE_TURNS, TurnLimits } from "../../../src/stores/turns.ts";
import { type MemoryDatabase, type MemoryRow, turnKey } from "./database.ts";

/** Claims due operations, the longest due first, and those that take turns in the order of their turns. */
export function claim(
  database: MemoryDatabase,
  policies: Policies,
  request: ClaimRequest,
  now: number,
): readonly GrantedOperation[] {
  const { worker, claim: number, at, maxClockDriftMs = Infinity } = request;
  const newest = database.claims.get(worker);
  if (newest !== undefined && number <= newest) {
    return [...database.unsettled]
      .filter(({ resource }) => resource?.operation.worker === worker && resource.operation.claim === number)
      .toSorted((a, b) => a.rowId - b.rowId)
      .map((row) => grantOf(database, row))
      .filter((granted) => granted !== undefined);
  }
  database.undoLog.set(database.claims, worker, number);
  if (Math.abs(at - now) > maxClockDriftMs) return [];
  const reply = new ReplySize();
  const grant = (row: MemoryRow): GrantedOperation[] => {
    const { resource } = row;
    if (resource === undefined || !reply.fits(resource) || !claimRow(database, policies, row, request)) return [];
    reply.add(row.resource ?? resource);
    const granted = grantOf(database, row);
    return granted === undefined ? [] : [granted];
  };
  return request.slots.flatMap((slots) => {
    const granted = dueRows(database, slots, at).slice(0, slots.free).flatMap(grant);
    return [...granted, ...claimTurns(database, policies, { ...slots, free: slots.free - granted.length, at, grant })];
  });
}

function grantOf(database: MemoryDatabase, { rowId, resource }: MemoryRow): GrantedOperation | undefined {
  if (resource === undefined) return undefined;
  const { root, steps, receivedCount } = resource.operation;
  return {
    resource,
    records: steps === 0 ? [] : database.recordsOf(root),
    received: receivedCount === 0 ? [] : database.messagesOf(rowId, root),
  };
}

function dueRows(database: MemoryDatabase, { type, kinds }: ClaimSlots, at: number): MemoryRow[] {
  return [...database.unsettled]
    .filter(({ resource }) => {
      if (resource === undefined || resource.type !== type) return false;
      const { kind, dueAt, turn } = resource.operation;
      return turn === null && dueAt !== null && dueAt <= at && kinds.includes(kind);
    })
    .toSorted((a, b) => dueAtOf(a) - dueAtOf(b) || a.rowId - b.rowId);
}

function dueAtOf({ resource }: MemoryRow): number {
  return resource?.operation.dueAt ?? Number.POSITIVE_INFINITY;
}

/** The due operations of a turn, in the order of their acceptance. */
export function queueOf(database: MemoryDatabase, type: string, turn: string, at: number): MemoryRow[] {
  return rowsOfTurn(database, type, turn)
    .filter((row) => dueAtOf(row) <= at)
    .toSorted(byAcceptance);
}

export function rowsOfTurn(database: MemoryDatabase, type: string, turn: string): MemoryRow[] {
  return [...database.unsettled].filter(({ resource }) => resource?.type === type && resource.operation.turn === turn);
}

function byAcceptance({ resource: a }: MemoryRow, { resource: b }: MemoryRow): number {
  if (a === undefined || b === undefined) return 0;
  return a.operation.acceptedAt - b.operation.acceptedAt || (a.operation.id < b.operation.id ? -1 : 1);
}

interface TurnRequest extends ClaimSlots {
  readonly at: number;
  readonly grant: (row: MemoryRow) => GrantedOperation[];
}

function claimTurns(
  database: MemoryDatabase,
  policies: Policies,
  { type, kinds, free, at, grant }: TurnRequest,
): GrantedOperation[] {
  const limits = new TurnLimits(policies);
  limits.add([...new Set([...database.turnsReady.values()].map((turn) => turn.type))]);
  const limit = limits.of(type);
  if (limit === undefined || free <= 0) return [];
  const isOfKind = ({ resource }: MemoryRow): boolean => kinds.includes(resource?.operation.kind ?? "");
  const queues = readyTurnsOf(database, type, at)
    .map((turn) => ({ turn, due: queueOf(database, type, turn, at) }))
    .filter(({ due }) => due.length === 0 || due.some(isOfKind))
    .slice(0, free + MORE_TURNS)
    .map(({ turn, due }) => {
      const max = Math.min(free, Math.max(0, limit - claimedOf(database, type, turn)));
      return {
        turn,
        rows: due
          .filter(isOfKind)
          .slice(0, max)
          .map((row) => ({ turn, row })),
      };
    });
  const served = new Set<string>();
  const grants = interleave(queues.map(({ rows }) => rows))
    .slice(0, free)
    .flatMap(({ turn, row }) => {
      served.add(turn);
      return grant(row);
    });
  for (const { turn, rows } of queues) {
    if (rows.length === 0 || served.has(turn)) updateTurn(database, { type, turn, at, limit });
  }
  return grants;
}

function readyTurnsOf(database: MemoryDatabase, type: string, at: number): string[] {
  return [...database.turnsReady.values()]
    .filter((turn) => turn.type === type && turn.readyAt !== null && turn.readyAt <= at)
    .toSorted((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0) || (a.turn < b.turn ? -1 : 1))
    .map(({ turn }) => turn);
}

function claimedOf(database: MemoryDatabase, type: string, turn: string): number {
  return rowsOfTurn(database, type, turn).filter(({ resource }) => resource?.operation.worker !== null).length;
}

/** Sets the instant at which a turn is ready again, or removes a turn that waits for nothing. */
function updateTurn(
  database: MemoryDatabase,
  { type, turn, at, limit }: { type: string; turn: string; at: number; limit: number },
): void {
  const claimed = claimedOf(database, type, turn);
  const dueAts = rowsOfTurn(database, type, turn).map(dueAtOf).filter(Number.isFinite);
  const next = dueAts.length === 0 ? null : Math.min(...dueAts);
  const readyAt = claimed >= limit || next === null ? null : Math.max(at, next);
  const key = turnKey(type, turn);
  const before = database.turnsReady.get(key);
  if (readyAt !== null || claimed > 0) {
    database.undoLog.set(database.turnsReady, key, { type, turn, readyAt });
    return;
  }
  database.turnsReady.delete(key);
  if (before !== undefined) database.undoLog.add(() => database.turnsReady.set(key, before));
}
