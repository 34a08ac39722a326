import type { ClaimRequest } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { interleave, MORE_TURNS, type TurnLimits } from "../../turns.ts";
import { text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, tableName } from "../connection/statement.ts";
import { turnSql } from "../connection/turn-sql.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { UnitOfWorkRow } from "../tables/unit-of-work.ts";

type StoredRow = UnitOfWorkRow & { readonly resource: Resource };

/** Turns that a claim has locked, with the operations that may be claimed. */
export interface LockedTurns {
  /** The turn that waited longest first, and of each turn the operation that was accepted first. */
  readonly rows: readonly StoredRow[];
  /** Stores when each turn is ready again. Called after the claimed rows are written. */
  finish(session: Session): Promise<unknown>[];
}

/**
 * The claims of operations that take turns. A claim locks its turns, then counts their claimed operations, and claims no
 * more than the limit: so the limit holds over all nodes, whatever happens to any of them. It skips locked turns and
 * rows and never waits for one, so it never deadlocks with a batch of changes, which locks rows before turns.
 */
export interface TurnClaims {
  /** Called when the transaction waits for no other lock any more. */
  lock(session: Session, requests: readonly ClaimRequest[]): Promise<LockedTurns>;
}

/** Interval at which types are found that no longer declare turns, but still have some. */
const REFRESH_INTERVAL_MS = 60_000;

export function createTurnClaims(schema: string, limits: TurnLimits): TurnClaims {
  const sql = turnSql(schema);
  const types = { name: "types of turns", text: sql.types };
  const lockTurns = { name: "lock turns", text: `${sql.ready} for update skip locked` };
  const update = { name: "update turns", text: sql.update };
  const remove = { name: "remove turns", text: sql.remove };
  const lockRows = { name: "lock due of turns", text: dueRows(tableName(schema, "resources"), sql.claimed) };
  let refreshAt = -Infinity;

  const lockGroup = async (session: Session, { type, kinds, free }: Group, at: number, taken: readonly string[]) => {
    const limit = limits.of(type) ?? 0;
    const kindArray = arrayOf("resources.kind", "text", kinds);
    const excluded = arrayOf("turns.turn", "text", taken);
    const found = await session.run(lockTurns, [type, at, kindArray, excluded, free + MORE_TURNS]);
    const turns = found.map(([turn]) => text(turn));
    const turnArray = arrayOf("turns.turn", "text", turns);
    const rows = turns.length === 0 ? [] : await session.run(lockRows, [type, at, kindArray, turnArray, free, limit]);
    const queues = Map.groupBy(rows.map(storedOf), ({ resource }) => resource.operation.turn);
    const finish = (writing: Session): Promise<unknown>[] => {
      // A turn that could be served but was not keeps its place. Beyond the free slots, no row was looked for.
      const isUnknown = rows.length >= free;
      const checked = turns.filter((turn) => queues.get(turn)?.some(({ isChanged }) => isChanged) ?? !isUnknown);
      const checkedArray = arrayOf("turns.turn", "text", checked);
      if (checked.length === 0) return [];
      return [writing.run(update, [type, at, checkedArray, limit]), writing.run(remove, [type, checkedArray])];
    };
    return {
      type,
      turns,
      rows: interleave(turns.map((turn) => queues.get(turn)?.toSorted(byAcceptance) ?? [])),
      finish,
    };
  };

  return {
    async lock(session, requests) {
      const at = Math.max(...requests.map((request) => request.at));
      if (at >= refreshAt) {
        refreshAt = at + REFRESH_INTERVAL_MS;
        limits.add((await session.run(types)).map(([type]) => text(type)));
      }
      const locked: Awaited<ReturnType<typeof lockGroup>>[] = [];
      for (const group of groupsOf(requests, limits)) {
        const taken = locked.filter(({ type }) => type === group.type).flatMap(({ turns }) => turns);
        locked.push(await lockGroup(session, group, at, taken));
      }
      return {
        rows: locked.flatMap(({ rows }) => rows),
        finish: (writing) => locked.flatMap(({ finish }) => finish(writing)),
      };
    },
  };
}

/** Free slots of all requests for the same type and kinds. */
interface Group {
  readonly type: string;
  readonly kinds: readonly string[];
  readonly free: number;
}

function groupsOf(requests: readonly ClaimRequest[], limits: TurnLimits): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { type, kinds, free } of requests.flatMap(({ slots }) => slots)) {
    if (free <= 0 || limits.of(type) === undefined) continue;
    const name = [type, ...kinds.toSorted()].join("\0");
    groups.set(name, { type, kinds, free: (groups.get(name)?.free ?? 0) + free });
  }
  return [...groups.values()];
}

function byAcceptance({ resource: { operation: a } }: StoredRow, { resource: { operation: b } }: StoredRow): number {
  return a.acceptedAt - b.acceptedAt || (a.id < b.id ? -1 : 1);
}

/** Returns the statement that locks rows. Parameters: type, at, kinds, turns, free slots, limit of the turns. */
function dueRows(resources: string, claimed: string): string {
  return `select ${STORED_COLUMNS} from ${resources} where row = any(array(
      select due.row from pg_catalog.unnest($4::text[]) with ordinality t (turn, place) cross join lateral (
        select r.row, row_number() over (order by r.accepted_at, r.operation) as round from ${resources} r
        where r.type = $1 and r.turn = t.turn and r.turn_due_at <= $2 and r.kind = any($3::text[])
        order by r.accepted_at, r.operation limit least($5::bigint, greatest(0, $6::bigint - ${claimed}))
      ) due order by due.round, t.place limit $5
    )) and turn_due_at <= $2 for update skip locked`;
}
