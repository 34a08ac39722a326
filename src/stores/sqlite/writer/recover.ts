import { eventChange } from "../../../core/change.ts";
import { number, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import type { Tables } from "../tables/tables.ts";
import type { Commit } from "./commit.ts";

const BATCH_SIZE = 500;

/** Its multiples spread evenly: so do the pauses of what was lost together. */
const GOLDEN_RATIO = 0.618;

/** Operations that the process before this one held are lost by it, and so due: their worker ended with that process. */
export function expireClaimsOfDeadProcess({ database }: Tables, commit: Commit, at: number): void {
  const held = prepareRows(database, "select row, operation, attempt from resources where worker is not null").all();
  const changes = held.map(([row, operation, attempt]) =>
    eventChange(
      { operation: text(operation) },
      { event: "lost", attempt: number(attempt) },
      { at, random: (number(row) * GOLDEN_RATIO) % 1 },
    ),
  );
  for (let start = 0; start < changes.length; start += BATCH_SIZE) {
    commit([{ call: "apply", changes: changes.slice(start, start + BATCH_SIZE) }]);
  }
}
