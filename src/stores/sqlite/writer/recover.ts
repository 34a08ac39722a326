import type { Change } from "../../../core/change.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Tables } from "../tables/tables.ts";
import type { Commit } from "./commit.ts";

const BATCH = 500;

/** Its multiples spread evenly: so do the pauses of what was lost together. */
const GOLDEN = 0.618;

/** Operations that the process before this one held are lost by it, and so due: their worker ended with that process. */
export function loseHeld({ database }: Tables, commit: Commit, at: number): void {
  const held = prepareRows(database, "select row, operation, attempt from resources where worker is not null").all();
  const changes = held.map(([row, operation, attempt]): Change => ({
    change: "event",
    target: { operation: text(operation) },
    event: { event: "lost", attempt: number(attempt) },
    at,
    random: (number(row) * GOLDEN) % 1,
  }));
  for (let start = 0; start < changes.length; start += BATCH) {
    commit([{ call: "apply", changes: changes.slice(start, start + BATCH) }]);
  }
}
