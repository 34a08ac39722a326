import type { Policies } from "../../../core/policy.ts";
import { TurnLimits } from "../../turns.ts";
import type { Session } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import type { PendingWrites } from "./unit-of-work.ts";

const COLUMNS = columnsOf({ type: "text", turn: "text", ready_at: "bigint" });

/** The turns that are ready or will be. One row per turn, which a claim locks. */
export interface Turns {
  readonly limits: TurnLimits;
  write(session: Session, writes: PendingWrites): Promise<unknown>[];
}

export function createTurns(schema: string, policies: Policies): Turns {
  const table = tableName(schema, "turns");
  const upsert: Statement = {
    name: "upsert turns",
    // Sorted, so that all nodes lock the same turns in the same order and never deadlock.
    text: `insert into ${table} as t (${namesOf(COLUMNS)}) select * from ${unnested(COLUMNS)} v (${namesOf(COLUMNS)})
      order by v.type collate "C", v.turn collate "C"
      on conflict (type, turn) do update set ready_at = excluded.ready_at
      where t.ready_at is null or t.ready_at > excluded.ready_at`,
  };
  return {
    limits: new TurnLimits(policies),
    write(session, { turns }) {
      if (turns.size === 0) return [];
      const rows = [...turns.values()].map(({ type, turn, readyAt }) => [type, turn, readyAt]);
      return [session.run(upsert, arraysOf("turns", COLUMNS, rows))];
    },
  };
}
