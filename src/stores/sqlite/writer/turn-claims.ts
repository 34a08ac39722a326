import type { Policies } from "../../../core/policy.ts";
import type { ClaimSlots } from "../../../core/ports/store.ts";
import { interleave, MORE_TURNS, TurnLimits } from "../../turns.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Tables } from "../tables/tables.ts";
import { TURN_SQL } from "../tables/turns.ts";

/**
 * Claims operations that take turns within the current transaction: the turn that waited longest first, and of each
 * turn the operation that was accepted first.
 *
 * @param grant claims a row; returns what is granted, if anything
 */
export type TurnClaiming = <Grant>(
  slots: ClaimSlots,
  at: number,
  grant: (rowId: number) => readonly Grant[],
) => readonly Grant[];

export function createTurnClaiming({ database, resources }: Tables, policies: Policies): TurnClaiming {
  const ready = prepareRows(database, TURN_SQL.ready);
  const first = prepareRows(
    database,
    `select row from resources r where r.type = ?1 and r.turn = ?4 and r.turn_due_at <= ?2 and r.kind in (select value from json_each(?3))
     order by r.accepted_at, r.operation
     limit min(?5, max(0, ?6 - (select count(*) from resources where type = ?1 and turn = ?4 and worker is not null)))`,
  );
  const update = database.prepare(TURN_SQL.update);
  const remove = database.prepare(TURN_SQL.remove);
  const limits = new TurnLimits(policies);
  limits.add(
    prepareRows(database, TURN_SQL.types)
      .all()
      .map(([type]) => text(type)),
  );

  return ({ type, kinds, free }, at, grant) => {
    const limit = limits.of(type);
    if (limit === undefined || free <= 0) return [];
    // The tables are queried, so they must contain every row that was put so far.
    resources.flush();
    const names = JSON.stringify(kinds);
    const queues = ready.all(type, at, names, "[]", free + MORE_TURNS).map(([found]) => {
      const turn = text(found);
      const rows = first.all(type, at, names, turn, free, limit);
      return { turn, rows: rows.map(([row]) => ({ turn, rowId: number(row) })) };
    });
    const served = new Set<string>();
    const grants = interleave(queues.map(({ rows }) => rows))
      .slice(0, free)
      .flatMap(({ turn, rowId }) => {
        served.add(turn);
        return grant(rowId);
      });
    resources.flush();
    // A turn that could be served but was not keeps its place.
    const checked = queues.filter(({ turn, rows }) => rows.length === 0 || served.has(turn)).map(({ turn }) => turn);
    update.run(type, at, JSON.stringify(checked), limit);
    remove.run(type, JSON.stringify(checked));
    return grants;
  };
}
