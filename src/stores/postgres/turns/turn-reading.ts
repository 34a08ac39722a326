import type { StoreTurns } from "../../../core/ports/store.ts";
import { text } from "../../values.ts";
import type { Connections } from "../connection/connections.ts";
import { type Statement, tableName } from "../connection/statement.ts";

/** Creates the reading of queues. */
export function createTurnQueueReading(schema: string, connections: Connections): StoreTurns["queue"] {
  const queue: Statement = {
    name: "select queue of turn",
    text: `select operation from ${tableName(schema, "resources")}
      where type = $1 and turn = $2 and turn_due_at <= $3 order by accepted_at, operation limit $4`,
  };
  return async ({ type, turn, at, limit }) => {
    return (await connections.run(queue, [type, turn, at, limit])).map(([operation]) => text(operation));
  };
}

/**
 * Returns a query of the earliest instant at which an operation is due, or from which another operation of a turn may be
 * claimed. Its parameters are types and kinds.
 */
export function nextDueOrReadyAt(schema: string): string {
  const resources = tableName(schema, "resources");
  // The limits keep the subqueries from being planned as joins, which would read every due row.
  return `select min(least(
      (select r.due_at from ${resources} r where r.type = w.type and r.kind = w.kind and r.due_at is not null
        order by r.due_at limit 1),
      (select t.ready_at from ${tableName(schema, "turns")} t where t.type = w.type and t.ready_at is not null and (
          select r.row from ${resources} r
          where r.type = w.type and r.turn = t.turn and r.turn_due_at is not null and r.kind = w.kind limit 1
        ) is not null order by t.ready_at limit 1)
    )) from unnest($1::text[], $2::text[]) w (type, kind)`;
}
