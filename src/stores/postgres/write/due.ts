import type { ClaimSlots, ClaimRequest } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { number, type RowValues, text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, NOW, type Statement, tableName, unnested } from "../connection/statement.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { UnitOfWorkRow } from "../tables/unit-of-work.ts";

/** A row that a transaction has locked. */
export type StoredRow = UnitOfWorkRow & { readonly resource: Resource };

const CLAIM = columnsOf({ worker: "text", claim: "bigint" });
const KIND = columnsOf({ type: "text", kind: "text", free: "bigint" });

/** The queries of claims. */
export interface Due {
  /**
   * Stores the claims that are newer than the last claim of their worker. Returns these workers, with the instant of the
   * database's clock.
   */
  begin(session: Session, requests: readonly ClaimRequest[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Locks due rows, up to the free slots of each type and kind, the oldest due first. Skips rows that others have
   * locked.
   */
  lock(session: Session, requests: readonly ClaimRequest[]): Promise<readonly StoredRow[]>;
  /** Locks the same rows, but waits for locked ones: they may still be due after their release. */
  waitAndLock(session: Session, requests: readonly ClaimRequest[]): Promise<readonly StoredRow[]>;
  /** Reads the rows that were claimed by exactly these claims. */
  claimed(session: Session, requests: readonly ClaimRequest[]): Promise<readonly StoredRow[]>;
}

export function createDue(schema: string): Due {
  const table = tableName(schema, "resources");
  const begin: Statement = {
    name: "begin claims",
    text: `insert into ${tableName(schema, "workers")} as w (worker, claim, heartbeat, seen_at)
      select worker, claim, 0, now() from ${unnested(CLAIM)} v (${namesOf(CLAIM)}) order by worker collate "C"
      on conflict (worker) do update set claim = excluded.claim, seen_at = excluded.seen_at
      where w.claim < excluded.claim returning worker, ${NOW}`,
  };
  const dueRange = (select: string): string => `${unnested(KIND)} w (of_type, of_kind, free) cross join lateral (
        select ${select} from ${table} where type = w.of_type and kind = w.of_kind and due_at <= $${KIND.length + 1}
        order by due_at, row limit w.free`;
  const lock: Statement = {
    name: "lock due",
    text: `select ${STORED_COLUMNS} from ${dueRange("*")} for update skip locked) due order by due_at, row`,
  };
  // Locked in the order of all batches, while no other row is locked.
  const wait: Statement = {
    name: "await due",
    text: `select ${STORED_COLUMNS} from ${table} where row = any(array(select due.row from ${dueRange("row")}) due))
      and due_at <= $${KIND.length + 1} order by row for update`,
  };
  const claimed: Statement = {
    name: "select claimed by claims",
    text: `select ${STORED_COLUMNS} from ${table} where (worker, claim) in (select * from ${unnested(CLAIM)}) order by row`,
  };
  const claimRows = (requests: readonly ClaimRequest[]): string[] =>
    arraysOf(
      "workers",
      CLAIM,
      requests.map(({ worker, claim }) => [worker, claim]),
    );

  const select = async (
    session: Session,
    statement: Statement,
    requests: readonly ClaimRequest[],
  ): Promise<StoredRow[]> => {
    const kinds = freeSlotsByKind(requests.flatMap(({ slots }) => slots));
    if (kinds.length === 0) return [];
    const at = Math.max(...requests.map((request) => request.at));
    return (await session.run(statement, [...arraysOf("due", KIND, kinds), at])).map(stored);
  };

  return {
    async begin(session, requests) {
      const rows = await session.run(begin, claimRows(requests));
      return new Map(rows.map(([worker, at]) => [text(worker), number(at)]));
    },
    lock: (session, requests) => select(session, lock, requests),
    waitAndLock: async (session, requests) => (await select(session, wait, requests)).toSorted(byDue),
    async claimed(session, requests) {
      if (requests.length === 0) return [];
      return (await session.run(claimed, claimRows(requests))).map(stored);
    },
  };
}

function stored(row: RowValues): StoredRow {
  return storedOf(row);
}

function byDue(a: StoredRow, b: StoredRow): number {
  return (a.resource.operation.dueAt ?? 0) - (b.resource.operation.dueAt ?? 0) || a.rowId - b.rowId;
}

/** Sums the free slots of all requests by type and kind. */
function freeSlotsByKind(slots: readonly ClaimSlots[]): (readonly [type: string, kind: string, free: number])[] {
  const sums = new Map<string, readonly [string, string, number]>();
  for (const { type, kinds, free } of slots) {
    if (free <= 0) continue;
    for (const kind of new Set(kinds)) {
      const name = `${type}\0${kind}`;
      sums.set(name, [type, kind, (sums.get(name)?.[2] ?? 0) + free]);
    }
  }
  return [...sums.values()];
}
