import type { Policies } from "../../../core/policy.ts";
import { type Turn, TurnLimits } from "../../turns.ts";
import type { Session } from "../connection/connections.ts";
import { arraysOf, columnsOf, namesOf, unnested } from "../connection/statement.ts";
import { turnSql } from "../connection/turn-sql.ts";

const COLUMNS = columnsOf({ type: "text", turn: "text", ready_at: "bigint" });

/** The turns that are ready or will be. One row per turn, which a claim locks. */
export interface Turns {
  readonly limits: TurnLimits;
  write(session: Session, writes: { readonly turns: readonly Turn[] }): Promise<unknown>[];
}

export function createTurns(schema: string, policies: Policies): Turns {
  // Sorted, so that all nodes lock the same turns in the same order and never deadlock.
  const rows = `select v.type, v.turn, min(v.ready_at) from ${unnested(COLUMNS)} v (${namesOf(COLUMNS)})
    group by v.type, v.turn order by v.type collate "C", v.turn collate "C"`;
  const upsert = { name: "upsert turns", text: turnSql(schema).upsert(rows) };
  return {
    limits: new TurnLimits(policies),
    write(session, { turns }) {
      if (turns.length === 0) return [];
      const values = turns.map(({ type, turn, readyAt }) => [type, turn, readyAt]);
      return [session.run(upsert, arraysOf("turns", COLUMNS, values))];
    },
  };
}
