import type { DatabaseSync } from "node:sqlite";
import type { ClaimSlots, StoreTurns } from "../../../core/ports/store.ts";
import { numberOrNull, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/** Queries of operations that take turns. */
export interface TurnReading {
  readonly turnQueue: (...query: Parameters<StoreTurns["queue"]>) => readonly string[];
  /** Returns the earliest instants from which another operation of a turn may be claimed. */
  readonly nextReadyAt: (slots: readonly Omit<ClaimSlots, "free">[]) => readonly (number | null)[];
}

export function createTurnReading(database: DatabaseSync): TurnReading {
  const queue = prepareRows(
    database,
    `select operation from resources where type = ? and turn = ? and turn_due_at <= ?
     order by accepted_at, operation limit ?`,
  );
  const nextReady = prepareRows(
    database,
    `select ready_at from turns t where type = ?1 and ready_at is not null and exists (
       select 1 from resources r where r.type = ?1 and r.turn = t.turn and r.turn_due_at is not null
         and r.kind in (select value from json_each(?2)))
     order by ready_at limit 1`,
  );
  return {
    turnQueue: ({ type, turn, at, limit }) => queue.all(type, turn, at, limit).map(([operation]) => text(operation)),
    nextReadyAt: (slots) =>
      slots.map(({ type, kinds }) => numberOrNull(nextReady.get(type, JSON.stringify(kinds))?.[0] ?? null)),
  };
}
