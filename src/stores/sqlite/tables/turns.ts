import type { DatabaseSync } from "node:sqlite";
import { type Turn, turnStatements } from "../../turns.ts";
import { toStorable } from "../../values.ts";

/** The shared statements of turns. Lists are JSON. */
export const TURN_SQL = turnStatements({
  turns: "turns",
  resources: "resources",
  $: (position) => `?${position}`,
  isIn: (position) => `in (select value from json_each(?${position}))`,
});

/** The turns that are ready or will be. */
export interface Turns {
  ready(turn: Turn): void;
}

export function createTurns(database: DatabaseSync): Turns {
  const upsert = database.prepare(TURN_SQL.upsert("values (?, ?, ?)"));
  return {
    ready({ type, turn, readyAt }) {
      upsert.run(type, toStorable(turn, "turns.turn"), toStorable(readyAt, "turns.ready_at"));
    },
  };
}
