import type { Policies } from "../../../core/policy.ts";
import type { ClaimSlots, ClaimRequest, GrantedOperation } from "../../../core/ports/store.ts";
import { ReplySize } from "../../../core/state-machine/size.ts";
import { claimRow } from "../../apply-change.ts";
import type { Connections, Session } from "../connection/connections.ts";
import { PostgresError } from "../connection/postgres-error.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import { createUnitOfWork, type UnitOfWork, EMPTY_STATE } from "../tables/unit-of-work.ts";
import type { TurnClaims } from "../turns/turn-claims.ts";
import type { Due, StoredRow } from "./due.ts";

/** Claims due operations. Returns one array for each request. */
export type Claiming = (requests: readonly ClaimRequest[]) => Promise<readonly (readonly GrantedOperation[])[]>;

export interface ClaimingOptions {
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly due: Due;
  readonly turnClaims: TurnClaims;
  readonly policies: Policies;
}

/** Creates the claiming of requests of different workers. */
export function createClaiming({ connections, tables, due, turnClaims, policies }: ClaimingOptions): Claiming {
  const claimLocked: Claiming = (requests) =>
    connections.transaction(async (transaction) => {
      const [begun, unlocked] = await Promise.all([due.begin(transaction, requests), due.lock(transaction, requests)]);
      const fresh = requests.filter((request) => isNewAndTimely(begun.get(request.worker), request));
      const withoutTurn = unlocked.length > 0 ? unlocked : await due.waitAndLock(transaction, fresh);
      const claimed = await due.claimed(
        transaction,
        requests.filter(({ worker }) => !begun.has(worker)),
      );
      // Last, because it must not wait for locks while it has locked turns.
      const turns = await turnClaims.lock(transaction, fresh);
      const rowsDue = [...withoutTurn, ...turns.rows];
      const unitOfWork = createUnitOfWork({ ...EMPTY_STATE, rows: rowsDue });
      const rows = requests.map((request) =>
        begun.has(request.worker)
          ? grantDue(unitOfWork, policies, fresh.includes(request) ? rowsDue : [], request)
          : claimed.filter(isClaimedBy(request)),
      );
      const [grants] = await Promise.all([
        grantsOf(tables, transaction, rows),
        ...writesOf(tables, transaction, unitOfWork),
        ...turns.finish(transaction),
        // A claim without grants need not be durable: losing its number loses nothing.
        transaction.commit(unitOfWork.writes.history.length > 0),
      ]);
      return grants;
    });
  return async (requests) => {
    try {
      return await claimLocked(requests);
    } catch (error) {
      // A transaction of the application holds the only rows that are due. The next claim finds them again.
      if (error instanceof PostgresError && error.kind === "locked") return requests.map(() => []);
      throw error;
    }
  };
}

/** Returns true for a new claim whose instant is one of the database's clock. */
function isNewAndTimely(now: number | undefined, { at, maxClockDriftMs = Infinity }: ClaimRequest): boolean {
  return now !== undefined && Math.abs(at - now) <= maxClockDriftMs;
}

function isClaimedBy({ worker, claim }: ClaimRequest): (row: StoredRow) => boolean {
  return ({ resource: { operation } }) => operation.worker === worker && operation.claim === claim;
}

/** Claims rows that are still due, the oldest first, for the slots of a request. */
function grantDue(
  unitOfWork: UnitOfWork,
  policies: Policies,
  due: readonly StoredRow[],
  request: ClaimRequest,
): StoredRow[] {
  const reply = new ReplySize();
  return request.slots.flatMap((slots) => {
    const rows: StoredRow[] = [];
    for (const row of due) {
      if (rows.length >= slots.free) break;
      const { resource } = row;
      if (!isFor(slots, row) || !reply.fits(resource) || !claimRow(unitOfWork, policies, row, request)) continue;
      reply.add(resource);
      rows.push(row);
    }
    return rows;
  });
}

function isFor({ type, kinds }: ClaimSlots, { resource }: StoredRow): boolean {
  return resource.type === type && kinds.includes(resource.operation.kind);
}

/** Adds to each row the records and messages that its attempt needs. */
async function grantsOf(
  tables: StoreTables,
  session: Session,
  rows: readonly (readonly StoredRow[])[],
): Promise<readonly (readonly GrantedOperation[])[]> {
  const operations = rows.flat().map(({ rowId: row, resource: { operation } }) => ({ row, operation }));
  const [records, received] = await Promise.all([
    tables.records.ofRoots(
      session,
      operations.flatMap(({ operation: { root, steps } }) => (steps === 0 ? [] : [root])),
    ),
    tables.received.ofRoots(
      session,
      operations.flatMap(({ row, operation }) =>
        operation.receivedCount === 0 ? [] : [[row, operation.root] as const],
      ),
    ),
  ]);
  const recordsOf = Map.groupBy(records, ([root]) => root);
  const receivedOf = Map.groupBy(received, ([row]) => row);
  return rows.map((each) =>
    each.map(({ rowId: row, resource }) => ({
      resource,
      records: recordsOf.get(resource.operation.root)?.map(([, record]) => record) ?? [],
      received: receivedOf.get(row)?.map(([, message]) => message) ?? [],
    })),
  );
}
