import type { ClaimRequest } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { interleave, MORE_TURNS, type TurnLimits } from "../../turns.ts";
import { text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, type Statement, tableName } from "../connection/statement.ts";
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
  const statements = statementsOf(tableName(schema, "turns"), tableName(schema, "resources"));
  let refreshAt = -Infinity;

  const lockGroup = async (
    session: Session,
    { type, kinds, free }: Group,
    { at, taken }: { readonly at: number; readonly taken: readonly string[] },
  ): Promise<Locked> => {
    const limit = limits.of(type) ?? 0;
    const kindArray = arrayOf("resources.kind", "text", kinds);
    const skipped = arrayOf("turns.turn", "text", taken);
    const found = await session.run(statements.lockTurns, [type, at, kindArray, skipped, free + MORE_TURNS]);
    const turns = found.map(([turn]) => text(turn));
    if (turns.length === 0) return { type, limit, turns, rows: [] };
    const turnArray = arrayOf("turns.turn", "text", turns);
    const rows = await session.run(statements.lockRows, [turnArray, type, at, kindArray, free, limit]);
    const byTurn = Map.groupBy(rows.map(storedOf), ({ resource }) => resource.operation.turn);
    return {
      type,
      limit,
      turns,
      rows: interleave(turns.map((turn) => byTurn.get(turn)?.toSorted(byAcceptance) ?? [])),
    };
  };

  return {
    async lock(session, requests) {
      const at = Math.max(...requests.map((request) => request.at));
      if (requests.length > 0 && at >= refreshAt) {
        refreshAt = at + REFRESH_INTERVAL_MS;
        limits.add((await session.run(statements.types)).map(([type]) => text(type)));
      }
      const locked: Locked[] = [];
      for (const group of groupsOf(requests, limits)) {
        const taken = locked.filter(({ type }) => type === group.type).flatMap(({ turns }) => turns);
        locked.push(await lockGroup(session, group, { at, taken }));
      }
      return {
        rows: locked.flatMap(({ rows }) => rows),
        finish: (writing) => locked.flatMap((turns) => finish(writing, turns, at)),
      };
    },
  };

  function finish(session: Session, { type, limit, turns, rows }: Locked, at: number): Promise<unknown>[] {
    if (turns.length === 0) return [];
    const served = new Set(rows.filter(({ isChanged }) => isChanged).map(({ resource }) => resource.operation.turn));
    const turnArray = arrayOf("turns.turn", "text", turns);
    const servedArray = arrayOf(
      "turns.served",
      "boolean",
      turns.map((turn) => (served.has(turn) ? 1 : 0)),
    );
    return [
      session.run(statements.update, [turnArray, servedArray, type, at, limit]),
      session.run(statements.remove, [turnArray, type]),
    ];
  }
}

interface Locked {
  readonly type: string;
  readonly limit: number;
  /** The turn that waited longest first. */
  readonly turns: readonly string[];
  readonly rows: readonly StoredRow[];
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

function statementsOf(turns: string, resources: string) {
  const due = (turn: string, type: string, at: string): string =>
    `r.type = ${type} and r.turn = ${turn} and r.turn_due_at <= ${at}`;
  const running = (turn: string, type: string): string =>
    `(select count(*) from ${resources} c where c.type = ${type} and c.turn = ${turn} and c.worker is not null)`;
  return {
    types: { name: "types of turns", text: `select distinct type from ${turns}` },
    lockTurns: {
      name: "lock turns",
      // A turn without a due operation is locked too, so that it is removed. The limits keep the subqueries from being
      // planned as joins, which would read every due row.
      text: `select t.turn from ${turns} t
        where t.type = $1 and t.ready_at <= $2 and t.turn <> all($4::text[]) and (
          (select r.row from ${resources} r where ${due("t.turn", "$1", "$2")} and r.kind = any($3::text[]) limit 1) is not null
          or (select r.row from ${resources} r where ${due("t.turn", "$1", "$2")} limit 1) is null)
        order by t.ready_at, t.turn limit $5 for update skip locked`,
    },
    lockRows: {
      name: "lock due of turns",
      text: `select ${STORED_COLUMNS} from ${resources} where row = any(array(
          select due.row from unnest($1::text[]) with ordinality w (turn, place) cross join lateral (
            select r.row, row_number() over (order by r.accepted_at, r.operation) as round from ${resources} r
            where ${due("w.turn", "$2", "$3")} and r.kind = any($4::text[]) order by r.accepted_at, r.operation
            limit least($5::bigint, greatest(0, $6::bigint - ${running("w.turn", "$2")}))
          ) due order by due.round, w.place limit $5
        )) and turn_due_at <= $3 for update skip locked`,
    },
    update: {
      name: "update turns",
      text: `update ${turns} t set ready_at = w.ready_at from (
          select k.turn, case
            when ${running("k.turn", "$3")} >= $5 then null
            when (select r.row from ${resources} r where ${due("k.turn", "$3", "$4")} limit 1) is not null
              then case when v.served then $4 else k.ready_at end
            else (select min(r.turn_due_at) from ${resources} r
              where r.type = $3 and r.turn = k.turn and r.turn_due_at is not null)
          end as ready_at
          from unnest($1::text[], $2::boolean[]) v (turn, served) join ${turns} k on k.type = $3 and k.turn = v.turn
        ) w where t.type = $3 and t.turn = w.turn and t.ready_at is distinct from w.ready_at`,
    },
    remove: {
      name: "remove turns",
      text: `delete from ${turns} t where t.type = $2 and t.turn = any($1::text[]) and t.ready_at is null
        and ${running("t.turn", "$2")} = 0`,
    },
  } satisfies Record<string, Statement>;
}
