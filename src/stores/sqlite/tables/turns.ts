import type { DatabaseSync } from "node:sqlite";
import type { Turn } from "../../turns.ts";
import { toStorable } from "../../values.ts";

/** The turns that are ready or will be. */
export interface Turns {
  ready(turn: Turn): void;
}

export function createTurns(database: DatabaseSync): Turns {
  const upsert = database.prepare(
    `insert into turns (type, turn, ready_at) values (?, ?, ?)
     on conflict (type, turn) do update set ready_at = excluded.ready_at
     where turns.ready_at is null or turns.ready_at > excluded.ready_at`,
  );
  return {
    ready({ type, turn, readyAt }) {
      upsert.run(type, toStorable(turn, "turns.turn"), toStorable(readyAt, "turns.ready_at"));
    },
  };
}
