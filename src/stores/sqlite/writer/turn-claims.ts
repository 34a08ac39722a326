import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../../core/policy.ts";
import type { ClaimSlots } from "../../../core/ports/store.ts";
import { interleave, MORE_TURNS, TurnLimits } from "../../turns.ts";
import { number, numberOrNull, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Tables } from "../tables/tables.ts";

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
  const limits = new TurnLimits(policies);
  limits.add(typesOfTurns(database));
  const { ready, running, first } = createSelections(database);
  const update = createUpdating(database, running);

  return ({ type, kinds, free }, at, grant) => {
    const limit = limits.of(type);
    if (limit === undefined || free <= 0) return [];
    // The tables are queried, so they must contain every row that was put so far.
    resources.flush();
    const names = JSON.stringify(kinds);
    const turns = ready.all(type, at, names, free + MORE_TURNS).map(([turn]) => text(turn));
    const queues = turns.map((turn) => {
      const left = Math.min(free, Math.max(0, limit - running(type, turn)));
      return first.all(type, turn, at, names, left).map(([row]) => ({ turn, rowId: number(row) }));
    });
    const served = new Set<string>();
    const grants = interleave(queues)
      .slice(0, free)
      .flatMap(({ turn, rowId }) => {
        const granted = grant(rowId);
        if (granted.length > 0) served.add(turn);
        return granted;
      });
    resources.flush();
    for (const turn of turns) update({ type, turn, limit, at, isServed: served.has(turn) });
    return grants;
  };
}

function typesOfTurns(database: DatabaseSync): readonly string[] {
  const types = prepareRows(database, "select distinct type from turns");
  return types.all().map(([type]) => text(type));
}

const DUE = "type = ? and turn = ? and turn_due_at <= ?";

function createSelections(database: DatabaseSync) {
  const running = prepareRows(
    database,
    "select count(*) from resources where type = ? and turn = ? and worker is not null",
  );
  return {
    running: (type: string, turn: string): number => number(running.get(type, turn)?.[0]),
    ready: prepareRows(
      database,
      // A turn without a due operation is found too, so that it is removed.
      `select turn from turns t where type = ?1 and ready_at <= ?2 and (
        exists (select 1 from resources r where r.type = ?1 and r.turn = t.turn and r.turn_due_at <= ?2
          and r.kind in (select value from json_each(?3)))
        or not exists (select 1 from resources r where r.type = ?1 and r.turn = t.turn and r.turn_due_at <= ?2)
      ) order by ready_at, turn limit ?4`,
    ),
    first: prepareRows(
      database,
      `select row from resources where ${DUE} and kind in (select value from json_each(?))
       order by accepted_at, operation limit ?`,
    ),
  };
}

interface CheckedTurn {
  readonly type: string;
  readonly turn: string;
  readonly limit: number;
  readonly at: number;
  readonly isServed: boolean;
}

/** Creates a function that stores when a turn is ready again. A turn that was served waits behind all others. */
function createUpdating(
  database: DatabaseSync,
  running: (type: string, turn: string) => number,
): (checked: CheckedTurn) => void {
  const due = prepareRows(database, `select 1 from resources where ${DUE} limit 1`);
  const nextDue = prepareRows(
    database,
    "select min(turn_due_at) from resources where type = ? and turn = ? and turn_due_at is not null",
  );
  const setReady = database.prepare("update turns set ready_at = ? where type = ? and turn = ?");
  const remove = database.prepare("delete from turns where type = ? and turn = ?");
  return ({ type, turn, limit, at, isServed }) => {
    const claimed = running(type, turn);
    if (claimed < limit && due.get(type, turn, at) !== undefined) {
      if (isServed) setReady.run(at, type, turn);
      return;
    }
    const readyAt = claimed < limit ? numberOrNull(nextDue.get(type, turn)?.[0] ?? null) : null;
    if (readyAt === null && claimed === 0) remove.run(type, turn);
    else setReady.run(readyAt, type, turn);
  };
}
